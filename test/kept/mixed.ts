/**
 * Many operations of the catalogue, asked again and again of a gateway that keeps answers, while what they show is changed by
 * way of another one that keeps none. What is changed bears a version, so that each answer tells how old it is.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '#kernel/clock.ts'
import { type Read, readsOf } from '../../bench/gateway/reads.ts'

/** Asks for an operation of the catalogue by its name. @returns the text of the answer */
export type AskText = (operation: string, variables: object) => Promise<string>

export interface Mixed {
  /** How many operations were answered, without errors. */
  asked: number
  /** How many changes were made meanwhile. */
  changed: number
  /** Answers that showed a version although a newer one had been committed long before they were asked for. */
  stale: number
  /** The longest time after a change at which an answer without it was still asked for, in milliseconds. */
  longestMs: number
  /** Questions that were asked of both at the end, when nothing changed any more. */
  compared: number
  /** Those of them that were answered otherwise, by name. */
  differ: string[]
}

/** An answer must not be older than this. */
const TOLD_WITHIN_MS = 250
const ASKERS = 12
const CHANGES_EVERY_MS = 20
const MOST_TRUNKS = 5
const VARIANTS = 4
/** Some are asked far more often than others, as everywhere: a tenth of the questions makes up about half of what is asked. */
const SKEW = 3
const VERSION = /kept-(\d+)-v(\d+)-/g
/** What they show is what is under way, or what time it is: two answers need not be the same. */
const MOVING = new Set([
  'Viewer',
  'C3SyncStatus',
  'HubSpotStatus',
  'InsightEngine',
  'SyncRuns',
  'Integrations',
])

/** They show what was once. */
const PAST = /Audit|Changes/

/** A thing whose text can be changed, and what it has been changed to. */
interface Marked {
  change(text: string): Promise<void>
  /** When each version was known to be committed, in milliseconds. */
  committedAt: number[]
}

/** @param kept asks the gateway that keeps answers @param fresh asks the other one */
export const mixOperations = async (options: {
  kept: AskText
  fresh: AskText
  operations: number
  /** Told now and then how far it has come. */
  told?: (done: Mixed) => void
}): Promise<Mixed> => {
  const { kept, fresh, operations, told } = options
  const questions = shuffled(
    await readsOf(
      async (operation, variables) => JSON.parse(await fresh(operation, variables)).data,
      VARIANTS,
    ),
  )
  const marked = await markedThings(fresh)
  const mixed: Mixed = { asked: 0, changed: 0, stale: 0, longestMs: 0, compared: 0, differ: [] }
  let isOver = false

  const changing = async () => {
    for (let turn = 0; !isOver; turn++) {
      const place = turn % marked.length
      const thing = marked[place] as Marked
      const version = thing.committedAt.length
      await thing.change(`kept-${place}-v${version}-`)
      // Committed before it was answered: so it is never thought older than it is.
      thing.committedAt.push(performance.now())
      mixed.changed++
      await wait(CHANGES_EVERY_MS)
    }
  }
  /** For how long what an answer shows had not been so any more when it was asked for, in milliseconds. */
  const look = (text: string, askedAt: number): number => {
    const newest = new Map<number, number>()
    for (const [, place, version] of text.matchAll(VERSION))
      newest.set(Number(place), Math.max(Number(version), newest.get(Number(place)) ?? 0))
    let age = 0
    for (const [place, version] of newest) {
      const next = marked[place]?.committedAt[version + 1]
      if (next !== undefined && next < askedAt) age = Math.max(age, askedAt - next)
    }
    return age
  }
  const asking = async () => {
    while (!isOver && mixed.asked < operations) {
      const question = questions[Math.floor(Math.random() ** SKEW * questions.length)] as Read
      const askedAt = performance.now()
      const text = await kept(question.operation, question.variables)
      if (text.includes('"errors"')) continue
      mixed.asked++
      const age = PAST.test(question.operation) ? 0 : look(text, askedAt)
      if (age > TOLD_WITHIN_MS) {
        // What was copied from elsewhere follows when it does: then whoever asks anew is told the same.
        if (look(await fresh(question.operation, question.variables), askedAt) > TOLD_WITHIN_MS) continue
        mixed.stale++
        process.stderr.write(`${Math.round(age)} ms too old: ${JSON.stringify(question)}\n`)
      }
      mixed.longestMs = Math.max(mixed.longestMs, age)
      if (mixed.asked % 10_000 === 0) told?.(mixed)
    }
  }
  const changes = changing()
  // It is thrown where it is waited for, once nobody asks any more.
  changes.catch(() => {
    isOver = true
  })
  try {
    await Promise.all(Array.from({ length: ASKERS }, asking))
  } finally {
    isOver = true
    await changes
  }
  await compare(questions, { kept, fresh }, mixed)
  return mixed
}

const shuffled = <T>(all: readonly T[]): T[] =>
  all
    .map((one) => ({ one, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)

/** Asks both everything once more. What else goes on in the hub may change an answer between the two: then both are asked again. */
const compare = async (
  questions: readonly Read[],
  { kept, fresh }: { kept: AskText; fresh: AskText },
  mixed: Mixed,
): Promise<void> => {
  await wait(TOLD_WITHIN_MS)
  for (const { operation, variables } of questions) {
    if (MOVING.has(operation)) continue
    mixed.compared++
    for (let round = 0; ; round++) {
      const [is, should] = [await kept(operation, variables), await fresh(operation, variables)]
      if (is === should) break
      if (round === 5) {
        mixed.differ.push(operation)
        break
      }
      await wait(TOLD_WITHIN_MS)
    }
  }
}

/** Makes things in three parts whose text can be changed. @throws when one cannot be made or changed */
const markedThings = async (ask: AskText): Promise<Marked[]> => {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
  const done = async (operation: string, variables: object): Promise<any> => {
    const text = await ask(operation, variables)
    const [answer] = Object.values(JSON.parse(text).data ?? {}) as object[]
    if (!answer || 'code' in answer) throw new Error(`${operation}: ${text}`)
    return answer
  }
  const { task } = await done('CreateTask', {
    input: { subject: 'kept', dueAt: systemClock.now().toISOString() },
  })
  const trunk = { name: 'kept', ipAddresses: ['203.0.113.77'], concurrentCalls: 5, monthlyMinutes: 10 }
  await done('CreateBillingAccount', { input: { name: 'Kept Telephony', trunks: [trunk] } })
  const trunks: { id: string }[] = (await done('Trunks', { first: MOST_TRUNKS })).nodes
  const { apiKey } = await done('CreateApiKey', { name: 'kept', scopes: ['customers:read'] })
  let expectedVersion = 1
  const changes: Marked['change'][] = [
    async (subject) => void (await done('UpdateTask', { id: task.id, input: { subject } })),
    async (name) => {
      const updated = await done('UpdateApiKey', { id: apiKey.id, expectedVersion, name })
      expectedVersion = updated.apiKey.version
    },
    ...trunks.map(
      ({ id }) =>
        async (name: string) =>
          void (await done('ChangeTrunk', { id, changes: { name } })),
    ),
  ]
  return changes.map((change) => ({ change, committedAt: [] }))
}
