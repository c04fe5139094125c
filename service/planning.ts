import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FormattedExecutionResult } from 'graphql'
import type { Clock } from '#kernel/clock.ts'
import type { HubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { type Change, PLAN_HEADERS, PlanMoved, PlanNeedsVendor, Planning } from '#kernel/planning.ts'
import { publicError, withDetail } from './errors.ts'
import type { Receipt } from './receipt.ts'

/** What a request to this subgraph would do. It names tables, kinds and ids; what records say is only in the hash. */
export interface Plan {
  hash: string
  rows: Change[]
  /** `keys` are those of records that are there already, at most a hundred of them. */
  events: { name: string; count: number; keys: string[] }[]
  jobs: { name: string; count: number }[]
  /** Vendors asked once it is done. */
  calls: number
}

const MOST_KEYS = 100
/** Told in words of their own. */
const NOT_ROWS = /^(events|pgboss)\./

/** The planning that a request asks for; undefined for one that simply takes effect. */
export const planningOf = (headers: IncomingHttpHeaders, clock: Clock): Planning | undefined => {
  const { [PLAN_HEADERS.plan]: plan, [PLAN_HEADERS.expects]: expects } = headers
  if (typeof expects === 'string') return new Planning(clock, expects)
  return plan === undefined ? undefined : new Planning(clock)
}

/** What the request has done so far in its open transactions. */
export const planOf = async (planning: Planning): Promise<Plan> => {
  const changes = await Promise.all((await Promise.all(planning.held)).map((held) => held.changes()))
  const rows = changes
    .flat()
    .filter(({ table }) => !NOT_ROWS.test(table))
    .sort((a, b) => compare(`${a.table} ${a.operation}`, `${b.table} ${b.operation}`))
  const events = counted(planning.events, ({ name }) => name).map(([name, all]) => ({
    name,
    count: all.length,
    keys: all.flatMap(({ key }) => (planning.isMade(key) ? [] : [key])).slice(0, MOST_KEYS),
  }))
  const jobs = counted(planning.jobs, (name) => name).map(([name, all]) => ({ name, count: all.length }))
  const calls = planning.calls.length
  const whole = { rows, events, jobs, calls, digests: [...planning.digests].sort(compare) }
  const hash = createHash('sha256').update(JSON.stringify(whole)).digest('hex')
  return { hash, rows, events, jobs, calls }
}

/**
 * Ends the planning of a request that has been run: undoes it and adds the plan to its answer, or, where it does exactly what
 * was confirmed, commits it.
 * @param tools.committed called after a commit
 * @param tools.positionOf a receipt's position, once it can be known
 */
export const settle = async (
  planning: Planning,
  result: FormattedExecutionResult,
  tools: { log: Log; committed(): void; positionOf(receipt: Receipt): Promise<string> },
): Promise<FormattedExecutionResult> => {
  const { log } = tools
  try {
    const { vendor } = planning
    if (vendor !== undefined) return refused(PlanNeedsVendor.with({ vendor }), log)
    if (result.errors?.length) return planning.isDry ? result : { ...result, data: null }
    const plan = await planOf(planning)
    if (!planning.isDry) {
      if (plan.hash !== planning.expects)
        return { ...refused(withDetail(PlanMoved.with(), { plan }), log), extensions: { plan } }
      await planning.commit()
      tools.committed()
      return { ...(await withPositions(planning, result, tools.positionOf)), extensions: { plan } }
    }
    return { ...result, extensions: { plan } }
  } catch (error) {
    return refused(error, log)
  } finally {
    await planning.end()
  }
}

const refused = (error: HubError | unknown, log: Log): FormattedExecutionResult => ({
  data: null,
  errors: [publicError(error, log)],
})

const receipts = new WeakMap<Planning, Map<string, Receipt>>()

/** Stands for the position of a receipt until its transaction has been committed. */
export const positionLater = (planning: Planning, receipt: Receipt): string => {
  const known = receipts.get(planning) ?? new Map<string, Receipt>()
  receipts.set(planning, known)
  const place = `${planning.token}.${known.size}`
  known.set(place, receipt)
  return place
}

const withPositions = async (
  planning: Planning,
  result: FormattedExecutionResult,
  positionOf: (receipt: Receipt) => Promise<string>,
): Promise<FormattedExecutionResult> => {
  const known = receipts.get(planning)
  if (!known) return result
  const positions = new Map<string, string>()
  for (const [place, receipt] of known) positions.set(place, await positionOf(receipt))
  const read = JSON.stringify(result, (_, value: unknown) =>
    typeof value === 'string' ? (positions.get(value) ?? value) : value,
  )
  return JSON.parse(read) as FormattedExecutionResult
}

const counted = <T>(all: readonly T[], name: (one: T) => string): [string, T[]][] =>
  [...Map.groupBy(all, name)].sort(([a], [b]) => compare(a, b))
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
