import { z } from 'zod'
import type { Choice, Subject, Turn } from '#chat/contract.ts'
import { NotFound, Unavailable } from '#kernel/errors.ts'
import type { Principal } from '#kernel/principal.ts'
import { askHub, type HubPlace } from '../asking-hub.ts'

/** A turn as hub keeps it. */
export interface SaidTurn extends Turn {
  kind: 'ANSWER' | 'PLAN' | 'QUESTION' | 'REFUSAL'
  sentence: string
}

/** What was said before. Hub keeps it, so that any gateway can go on with any conversation. */
export interface Memory {
  /** @throws NOT_FOUND when the conversation is not the caller's; HUB_UNAVAILABLE when hub cannot tell */
  recall(caller: Principal, conversationId: string | null): Promise<{ timeZone: string; turns: Turn[] }>
  /** Keeps a turn. @returns the conversation it is part of */
  say(caller: Principal, conversationId: string | null, turn: SaidTurn): Promise<string>
}

const subject = z.object({ kind: z.string(), id: z.string(), label: z.string() })
const recalled = z.object({
  timeZone: z.string(),
  turns: z.array(
    z.object({
      said: z.string(),
      operation: z.string().nullable(),
      variables: z.record(z.string(), z.unknown()),
      subjects: z.array(subject),
      isAsked: z.boolean(),
      choices: z.array(
        z.object({
          label: z.string(),
          operation: z.string().optional(),
          variables: z.record(z.string(), z.unknown()).optional(),
          subject: subject.optional(),
        }),
      ),
    }),
  ),
})
const kept = z.object({ conversationId: z.string() })

/** Opens what hub remembers. */
export const openMemory = (hub: HubPlace): Memory => {
  const ask = async <T>(caller: Principal, what: string, body: object, shape: z.ZodType<T>): Promise<T> => {
    const response = await askHub(hub, `/conversations/${what}`, body, caller).catch((cause: unknown) => {
      throw Unavailable.with({ what: 'The conversation' }, { cause })
    })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.status === 404) throw NotFound.with({ what: 'The conversation' })
    const read = shape.safeParse(answer)
    if (!response.ok || !read.success) throw Unavailable.with({ what: 'The conversation' })
    return read.data
  }
  return {
    recall: async (caller, conversationId) => {
      const { timeZone, turns } = await ask(caller, 'recall', { conversationId }, recalled)
      return { timeZone, turns: turns as Turn[] }
    },
    say: async (caller, conversationId, turn) =>
      (await ask(caller, 'say', { conversationId, turn: short(turn) }, kept)).conversationId,
  }
}

const cut = (text: string, most: number): string => (text.length > most ? text.slice(0, most) : text)
const shortSubject = (one: Subject): Subject => ({ ...one, label: cut(one.label, 300) })
const shortChoice = (choice: Choice): Choice => ({
  ...choice,
  label: cut(choice.label, 500),
  ...(choice.subject ? { subject: shortSubject(choice.subject) } : {}),
})

/** No longer than what hub keeps. */
const short = (turn: SaidTurn): SaidTurn => ({
  ...turn,
  said: cut(turn.said, 1_000),
  sentence: cut(turn.sentence, 2_000),
  subjects: turn.subjects.slice(0, 20).map(shortSubject),
  choices: turn.choices.slice(0, 50).map(shortChoice),
})
