/**
 * Whole answers and entities that are kept, and are given again for as long as nothing was touched in any table that they were
 * made from. See docs/decisions/0040.
 */
import { type ExecutionResult, OperationTypeNode } from 'graphql'
import { sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { keptAnswers } from '#telemetry/measures.ts'
import type { RequestContext } from '../execute.ts'
import type { Known } from '../execution/known.ts'
import { textOf } from '../identity/principal-text.ts'
import { followTouched } from './following.ts'
import { Keeping } from './keeping.ts'
import { TouchedPart } from './part.ts'
import { KeptTexts } from './store.ts'

/** What is kept, and how sure one wants to be of it. */
export interface KeepingOptions {
  /** How much memory may be taken. */
  megabytes: number
  /** Of a hundred answers that are there, so many are asked for again and compared. */
  provedPercent?: number
}

/** A result as it is run, with its text where that is there already. */
export interface AnswerInText extends ExecutionResult {
  /** JSON of the whole, as it is sent. */
  text?: string
}

export interface KeptAnswers extends AsyncDisposable {
  /** Answers from what is kept, or has it run and keeps what comes of it, where that may be kept. */
  answer(
    known: Known,
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
    run: (context: RequestContext) => Promise<ExecutionResult>,
  ): Promise<AnswerInText>
  /** A change was made in a part by way of this gateway: whoever asks here next sees it. */
  changed(part: string, organisation: string): void
  /** Bytes that are taken, more or less. */
  readonly bytes: number
}

/** What is touched is told within this time: an answer that differs from a fresh one and holds for longer is wrong. */
const TOLD_WITHIN_MS = 250
const LOOK_EVERY_MS = 10

/** Begins to keep answers of these parts. @param options.random between 0 and 1 */
export const openKeptAnswers = (
  { megabytes, provedPercent = 0 }: KeepingOptions,
  options: {
    subgraphs: Readonly<Record<string, string>>
    seal: PrincipalSeal
    log: Log
    random?: () => number
  },
): KeptAnswers => {
  const { subgraphs, seal, log, random = Math.random } = options
  const parts = Object.fromEntries(Object.keys(subgraphs).map((name) => [name, new TouchedPart()]))
  const texts = new KeptTexts(megabytes)
  const following = Object.entries(subgraphs).map(([name, url]) =>
    followTouched({ name, url, part: parts[name] as TouchedPart, seal, log }),
  )

  const runAndKeep = async (
    key: string,
    context: RequestContext,
    run: (context: RequestContext) => Promise<ExecutionResult>,
  ): Promise<AnswerInText> => {
    const keeping = new Keeping(context.caller.principal, parts, texts)
    const result = await run({ ...context, keeping })
    const isWhole =
      !result.errors && !result.extensions && context.behind.size === 0 && context.cookies.length === 0
    const rests = isWhole ? keeping.basis.rests() : undefined
    if (!rests) return result
    const text = JSON.stringify(result)
    texts.keep(key, text, rests)
    return { ...result, text }
  }

  /** Whether an answer that was kept is what a fresh one says, unless something was touched meanwhile. */
  const isProved = async (key: string, kept: string, fresh: AnswerInText): Promise<boolean> => {
    const said = fresh.text ?? JSON.stringify(fresh)
    if (said === kept || fresh.errors) return true
    const until = performance.now() + TOLD_WITHIN_MS
    for (;;) {
      const found = texts.find(key)
      // What took its place was made after it.
      if (found?.text !== kept) return true
      if (performance.now() >= until) return false
      await sleep(LOOK_EVERY_MS)
    }
  }

  return {
    get bytes() {
      return texts.bytes
    },
    changed: (part, organisation) => parts[part]?.touch(organisation),
    answer: async ({ operation, key: document }, variables, context, run) => {
      // Who waits for a write, or plans one, asks for more than what there is.
      if (
        operation.operation !== OperationTypeNode.QUERY ||
        context.after ||
        context.planning ||
        context.once
      )
        return run(context)
      const whose = texts.nameOf(textOf(context.caller.principal))
      const key = `${whose} ${texts.nameOf(document)} ${JSON.stringify(variables)}`
      const found = texts.find(key)
      keptAnswers.inc({ what: 'answer', outcome: found ? 'kept' : 'asked' })
      if (!found) return runAndKeep(key, context, run)
      if (provedPercent === 0 || random() * 100 >= provedPercent) return { text: found.text }
      const fresh = await run(context)
      if (await isProved(key, found.text, fresh)) return fresh
      texts.drop(key)
      keptAnswers.inc({ what: 'answer', outcome: 'stale' })
      log.error({ operation: operation.name?.value }, 'an answer that was kept is not what is answered now')
      return fresh
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(following.map((each) => each[Symbol.asyncDispose]()))
      await texts[Symbol.asyncDispose]()
    },
  }
}
