import { allows, isPaused } from '#schema/events.ts'
import { markNumber } from '#schema/phone-number.ts'
import type { OpenRun } from '#sync/execute.ts'
import { openQueue, paced, type Queue } from '#sync/pace.ts'
import { isOn, mayRead } from '../domain/features.ts'
import { KINDS } from '../domain/kinds.ts'
import { tableOf } from '../domain/policy.ts'
import type { MarkNumber } from '../domain/telling.ts'
import { pausesOf } from '../store/pauses.ts'
import { policyOf } from '../store/policies.ts'
import { asTransaction } from '../store/transaction.ts'
import { type C3s, type C3sOptions, openC3s } from './c3s.ts'
import { c3Sink } from './sink.ts'
import { c3Source } from './source.ts'
import { targetWith, wholeTargetWith } from './target.ts'

export interface C3RunOptions extends C3sOptions {
  /** Where everything of this process reaches C3; its own, when left out. */
  c3s?: C3s
}

/** For how long what C3 told about an account is believed by runs that only read changes. */
const ACCOUNT_VALID_MS = 24 * 3_600_000

/** Opens both ends of a run: the C3 of its connection, and the hub's tables. Asks C3 about the account when what is known of it is old. */
export const openC3Run = (options: C3RunOptions): OpenRun => {
  const { database, clock, vault } = options
  const mark: MarkNumber = (orgId, number) => markNumber(vault, orgId, number)
  const [some, whole] = [targetWith(mark), wholeTargetWith(mark)]
  const c3s = options.c3s ?? openC3s(options)
  // Who calls a C3 next, in this process.
  const queues = new Map<string, Queue>()
  const queueOf = (id: string) => {
    const queue = queues.get(id) ?? openQueue()
    queues.set(id, queue)
    return queue
  }
  return async (run, signal) => {
    const place = { orgId: run.orgId, integrationId: run.connectionId }
    let row = await c3s.connection(place)
    // Records that somebody told of or changed are wanted soon, and come a few at a time.
    const pace =
      run.id === undefined
        ? paced(c3s.budget(row), { clock, bucket: 'requests', queue: queueOf(row.id) })
        : undefined
    const c3 = await c3s.open(row, { signal, ...(pace ? { limiter: pace } : {}) })
    const age = clock.now().getTime() - (row.askedAt?.getTime() ?? 0)
    const isSync = run.purpose === undefined || run.purpose === 'SYNC'
    if (run.id !== undefined && isSync && age > ACCOUNT_VALID_MS) {
      await c3s.ask(row, c3)
      row = await c3s.connection(place)
    }
    const { id, direction, deletePercent, changePercent } = row
    const { pauses, policy } = await database.read(run.orgId, async (tx) => ({
      pauses: (await pausesOf(asTransaction(tx), run.orgId, [id])).get(id) ?? [],
      policy: await policyOf(tx, place),
    }))
    const kinds = KINDS.filter(
      (kind) => allows(direction, 'IN') && mayRead(row, kind) && !isPaused(pauses, 'IN', kind),
    )
    const turn = pace ? { turn: () => pace.turn(signal) } : {}
    const goesOut = allows(direction, 'OUT') && isOn(row, 'RFQ_ANSWERS')
    return {
      source: { ...c3Source(c3, kinds), ...turn },
      target: run.id !== undefined && run.mode !== 'INCREMENTAL' ? whole : some,
      policy: tableOf(policy),
      brakes: { deletePercent, changePercent },
      writes: ['rfqs'].filter((kind) => !isPaused(pauses, 'OUT', kind)),
      ...(goesOut ? { sink: { ...c3Sink(c3), ...turn } } : {}),
    }
  }
}
