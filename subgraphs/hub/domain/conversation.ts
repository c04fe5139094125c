import { z } from 'zod'
import type { Vault } from '#kernel/vault.ts'

/** How long a conversation is kept after something was last said in it. */
export const KEPT_DAYS = 30
/** How many of the last turns a sentence may refer to. */
export const REMEMBERED_TURNS = 6

export interface ConversationRow {
  id: string
  startedAt: Date
  lastUsedAt: Date
}

/** A turn as it is kept. */
export interface SealedTurn {
  number: number
  at: Date
  sealed: string
}

const subject = z.object({ kind: z.string().max(40), id: z.string().max(200), label: z.string().max(300) })
const choice = z.object({
  label: z.string().max(500),
  operation: z.string().max(100).optional(),
  variables: z.record(z.string(), z.unknown()).optional(),
  subject: subject.optional(),
})

/** What was said and answered, and what later sentences can refer to. */
export const turnSchema = z.object({
  said: z.string().max(1_000),
  kind: z.enum(['ANSWER', 'PLAN', 'QUESTION', 'REFUSAL']),
  sentence: z.string().max(2_000),
  operation: z.string().max(100).nullable(),
  variables: z.record(z.string(), z.unknown()),
  subjects: z.array(subject).max(20),
  isAsked: z.boolean(),
  choices: z.array(choice).max(50),
})
export type SaidTurn = z.infer<typeof turnSchema>

export interface ConversationTurnRow {
  number: number
  at: Date
  said: string | null
  kind: SaidTurn['kind'] | null
  sentence: string | null
  operation: string | null
}

const placeOf = (orgId: string, conversationId: string, number: number): string =>
  `${orgId}:hub.conversation_turns:${conversationId}:${number}`

/** Seals a turn for its place in one conversation. */
export const sealTurn = (
  vault: Vault,
  orgId: string,
  conversationId: string,
  number: number,
  turn: SaidTurn,
) => vault.seal(JSON.stringify(turn), placeOf(orgId, conversationId, number))

/** Opens it; undefined when the key that sealed it is gone. */
export const openTurn = (
  vault: Vault,
  orgId: string,
  conversationId: string,
  { number, sealed }: SealedTurn,
): SaidTurn | undefined => {
  try {
    return turnSchema.parse(JSON.parse(vault.open(sealed, placeOf(orgId, conversationId, number))))
  } catch {
    return undefined // What was said can be said again: it is not worth an error.
  }
}

/** Every text of a value, names of fields left out. */
const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : []
}

/** All that was said and understood in a turn, as one text. */
export const wordsOf = (turn: SaidTurn): string => textsOf(turn).join('\n')

/** When a conversation is forgotten unless somebody goes on with it. */
export const expiresAt = ({ lastUsedAt }: Pick<ConversationRow, 'lastUsedAt'>): Date =>
  new Date(lastUsedAt.getTime() + KEPT_DAYS * 86_400_000)

/** Before this moment something must have been said last for a conversation to be forgotten. */
export const forgottenBefore = (now: Date): Date => new Date(now.getTime() - KEPT_DAYS * 86_400_000)
