/** Writes about customers whose turn it is. Safe to run in several processes, and to break off anywhere. */
import type { Clock } from '#kernel/clock.ts'
import { type TurnOptions, takeTurns } from '#service/turns.ts'
import { type DoneTask, keepEnrichments } from '../commands/keep-enrichments.ts'
import { type EnrichmentTask, organisationsToEnrich, takeEnrichments } from '../commands/take-enrichments.ts'
import { ENRICHMENT_CHANNEL } from '../store/enrichment-queue.ts'
import type { Outside } from '../sync/outside.ts'
import { startTally } from './tally.ts'

/** Customers at a time: whoever asks for one waits for those that were taken before. */
const BATCH = 20
const LOOK_EVERY_MS = 1000

type EnrichOptions = Pick<TurnOptions, 'rows'> & { clock: Clock; outside: Outside; signal: AbortSignal }

/**
 * Takes turns of one organisation, asks whoever has to be asked, all at once and in no transaction, and keeps what came of it.
 * @returns how many customers were written about
 */
export const enrichSome = async (
  { rows, clock, outside, signal }: EnrichOptions,
  orgId: string,
  limit = BATCH,
): Promise<number> => {
  const { reachable } = outside
  const taken = await rows.transaction(orgId, (tx) => takeEnrichments(tx, orgId, { clock, limit, reachable }))
  if (taken === null) return 0
  const ask = async (task: EnrichmentTask): Promise<DoneTask> => ({
    task,
    heard: await Promise.all(task.asks.map(({ question }) => outside.ask(question, signal))),
  })
  const done = await Promise.all(taken.tasks.map(ask))
  // Asked in vain because this process ends: whoever takes the turn after it does not pay again.
  if (signal.aborted) return 0
  const keep = (some: readonly DoneTask[]) =>
    rows.transaction(orgId, (tx) =>
      keepEnrichments(tx, orgId, taken, some, { now: clock.now(), chance: Math.random }),
    )
  await keep(done).catch((error) => (done.length > 1 ? oneByOne(done, keep) : Promise.reject(error)))
  return taken.tasks.length
}

/** What cannot be kept of one customer keeps nobody else's from being kept. @throws what the first of them cannot be kept for, in the end */
const oneByOne = async (
  done: readonly DoneTask[],
  keep: (some: readonly DoneTask[]) => Promise<void>,
): Promise<void> => {
  const troubles: unknown[] = []
  for (const one of done) await keep([one]).catch((error) => troubles.push(error))
  if (troubles.length > 0) throw troubles[0]
}

/** Starts the loop. It looks when somebody is to be written about, and every second for those whose time has come. */
export const startEnriching = ({
  rows,
  clock,
  outside,
  ...rest
}: Pick<TurnOptions, 'rows' | 'log' | 'published'> & { clock: Clock; outside: Outside }): AsyncDisposable => {
  const stopping = new AbortController()
  const tally = startTally('ENRICH', { rows, clock, log: rest.log })
  const turns = takeTurns({
    ...rest,
    rows,
    channel: ENRICHMENT_CHANNEL,
    everyMs: LOOK_EVERY_MS,
    organisations: (tx) => organisationsToEnrich(tx, clock.now()),
    turn: async (orgId) => {
      const some = () => enrichSome({ rows, clock, outside, signal: stopping.signal }, orgId)
      return (await tally.count(orgId, some)) > 0
    },
    trouble: 'customers could not be written about; tried again',
  })
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await turns[Symbol.asyncDispose]()
      await tally[Symbol.asyncDispose]()
    },
  }
}
