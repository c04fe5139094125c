import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { LinkPlace } from './links.ts'
import type { Gone } from './plan.ts'
import type { HeldRun, HoldReason } from './run.ts'
import type { Leaving, Taking } from './step.ts'

/** How much of a kind of record a run may delete or change before somebody has to let it go on, in percent of what the hub holds. */
export interface Brakes {
  deletePercent: number
  changePercent: number
}

/** So few are no mass: a hub of thirty records need not ask about one. */
const FEWEST = { DELETE: 20, UPDATE: 100 } as const

/** A run would do so much of something that somebody has to be asked. */
export class Tripped extends Error {
  override readonly name = 'Tripped'
  readonly reason: HoldReason
  constructor(reason: HoldReason) {
    super('the run would delete or change more than it may without anybody asked')
    this.reason = reason
  }
}

/** The brakes of one run in this process. */
export class RunBrakes {
  readonly limits: Brakes
  readonly #changed: Map<string, number>
  /** @param changed how many of each type the run has changed already */
  constructor(limits: Brakes, changed: ReadonlyMap<string, number>) {
    this.limits = limits
    this.#changed = new Map(changed)
  }
  /** A page with so many changes was stored. */
  changed(type: string, records: number): void {
    this.#changed.set(type, (this.#changed.get(type) ?? 0) + records)
  }
  /**
   * Asked in the transaction of a page, before it commits.
   * @throws Tripped
   */
  async weighChanges(tx: object, run: HeldRun, type: string, records: number): Promise<void> {
    if (records === 0) return
    const all = (this.#changed.get(type) ?? 0) + records
    await weigh(tx, run, { type, action: 'UPDATE', records: all, percent: this.limits.changePercent })
  }
}

/** @throws Tripped when it is too much, and nobody has let the run do it */
const weigh = async (tx: object, run: HeldRun, wanted: Omit<HoldReason, 'of'>): Promise<void> => {
  const { type, action, records, percent } = wanted
  if (records <= FEWEST[action]) return
  if (run.allowed.some((each) => each.type === type && each.action === action)) return
  const { rows } = await sql<{ of: number }>`
    select (count(*) + (select coalesce(sum(c.deleted), 0) from sync.checkpoints c
        where c.run_id = ${run.id}::uuid and c.type = ${type}))::integer as of
    from sync.links where org_id = ${run.orgId}::uuid and connection_id = ${run.connectionId}::uuid and type = ${type}
      and gone_at is null`.execute(over(tx))
  const of = rows[0]?.of ?? 0
  if (records * 100 > percent * of) throw new Tripped({ type, action, records, of, percent })
}

/** How many records of each type a run has changed so far. */
export const changedBefore = async (tx: object, runId: string): Promise<Map<string, number>> => {
  const { rows } = await sql<{ type: string; updated: number }>`
    select type, updated from sync.checkpoints where run_id = ${runId}::uuid`.execute(over(tx))
  return new Map(rows.map(({ type, updated }) => [type, updated]))
}

/** Keeps what a run has found gone until everything is read: one statement. */
export const putOff =
  (run: HeldRun, at: Date): NonNullable<Taking['putOff']> =>
  async (tx: object, type: string, gone: readonly Gone[]): Promise<void> => {
    const rows = gone.map(({ externalId, reason }) => ({ external_id: externalId, reason }))
    await sql`
      insert into sync.leaving (org_id, run_id, connection_id, type, external_id, reason, found_at)
      select ${run.orgId}::uuid, ${run.id}::uuid, ${run.connectionId}::uuid, ${type}, r.external_id, r.reason, ${at}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(external_id text, reason text)
      on conflict (run_id, type, external_id) do update set reason = excluded.reason, found_at = excluded.found_at`.execute(
      over(tx),
    )
  }

/** What a run has put off of a type, by id. */
export const readLeaving = async (
  tx: object,
  { type }: LinkPlace,
  runId: string,
  limit: number,
): Promise<Leaving[]> => {
  const { rows } = await sql<Leaving>`
    select external_id as "externalId", reason, found_at as "foundAt" from sync.leaving
    where run_id = ${runId}::uuid and type = ${type} order by external_id limit ${limit}`.execute(over(tx))
  return rows
}

/** Forgets what was put off and is done. */
export const forgetLeaving = async (
  tx: object,
  { type }: LinkPlace,
  runId: string,
  done: readonly Leaving[],
): Promise<void> => {
  if (done.length === 0) return
  const ids = done.map((each) => each.externalId)
  await sql`delete from sync.leaving where run_id = ${runId}::uuid and type = ${type}
    and external_id = any(${ids}::text[])`.execute(over(tx))
}

/**
 * Asked before anything of a type goes that a run has put off.
 * @throws Tripped when that would be too much, and nobody has let the run do it
 */
export const weighLeaving = async (
  tx: object,
  { run, brakes }: { run: HeldRun; brakes?: RunBrakes },
  type: string,
): Promise<void> => {
  if (!brakes) return
  const { rows } = await sql<{ records: number }>`
    select count(*)::integer as records from sync.leaving g join sync.links l
      on l.org_id = ${run.orgId}::uuid and l.connection_id = ${run.connectionId}::uuid and l.type = g.type
        and l.external_id = g.external_id and l.gone_at is null
    where g.run_id = ${run.id}::uuid and g.type = ${type}`.execute(over(tx))
  const records = rows[0]?.records ?? 0
  await weigh(tx, run, { type, action: 'DELETE', records, percent: brakes.limits.deletePercent })
}
