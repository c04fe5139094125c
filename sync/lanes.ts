import { sql } from 'kysely'
import { type Database, over } from '#db/client.ts'
import { takeTurn } from './checkpoint.ts'
import { LeaseLost } from './errors.ts'
import { isFree } from './queue.ts'

/** What waits in lanes, and the table of whose turn it is. */
export interface LaneKind {
  waiting: 'sync.signals' | 'sync.outgoing'
  turns: 'sync.signal_lanes' | 'sync.outgoing_lanes'
  /** The column that says which record, and its type. */
  key: 'external_id' | 'local_id'
  keyType: 'text' | 'uuid'
}
/** Records of the source to be read again. */
export const SIGNALS: LaneKind = {
  waiting: 'sync.signals',
  turns: 'sync.signal_lanes',
  key: 'external_id',
  keyType: 'text',
}
/** Records of ours to be written to the source. */
export const OUTGOING: LaneKind = {
  waiting: 'sync.outgoing',
  turns: 'sync.outgoing_lanes',
  key: 'local_id',
  keyType: 'uuid',
}

/** What waits of one connection and type, held by this worker. */
export interface Lane {
  kind: LaneKind
  orgId: string
  connectionId: string
  type: string
  /** Goes up each time a worker takes the lane: who holds an older one may no longer write. */
  token: number
  /** How often in a row reading it has failed. */
  failures: number
  /** The run that reads the changes instead, and until when what was noted is left to it. */
  sweepRunId: string | undefined
  sweptAt: Date | undefined
  /** Not before this moment another run is asked for. */
  sweepAgainAt: Date | undefined
}

interface LaneRow {
  org_id: string
  connection_id: string
  type: string
  token: number
  failures: number
  sweep_run_id: string | null
  swept_at: Date | null
  sweep_again_at: Date | null
}

const turns = ({ kind }: Pick<Lane, 'kind'>) => sql.table(kind.turns)

const isLane = ({ orgId, connectionId, type }: Pick<Lane, 'orgId' | 'connectionId' | 'type'>) =>
  sql`org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and type = ${type}`

/** How often a lane is looked for that another worker does not take in the same moment. */
const MOST_LOOKS = 5

/**
 * Takes the lane whose turn it is: of the organisation that was served longest ago one in which something waits that somebody asked
 * for, or else of its connections the one, and of that one's types the one.
 * @returns undefined when in no lane anything is due
 */
export const claimLane = async (
  database: Database<never>,
  now: Date,
  leaseMs: number,
  kind: LaneKind = SIGNALS,
): Promise<Lane | undefined> => {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const found = await database.relay(async (tx) => {
      const due = await dueLane(tx, now, kind)
      if (!due) return 'none'
      const { rows } = await sql<LaneRow>`
        insert into ${turns({ kind })} as k (org_id, connection_id, type, token, lease_until, served_at)
        values (${due.org_id}::uuid, ${due.connection_id}::uuid, ${due.type}, 1, ${new Date(now.getTime() + leaseMs)}, ${now})
        on conflict (org_id, connection_id, type) do update set
          token = k.token + 1, lease_until = excluded.lease_until, served_at = excluded.served_at, rest_until = null
          where k.token = ${due.token}
        returning org_id, connection_id, type, token, failures, sweep_run_id, swept_at, sweep_again_at`.execute(
        over(tx),
      )
      return rows[0]
    })
    if (found === 'none') return undefined
    if (found) return laneOf(found, kind)
  }
  return undefined
}

const laneOf = (row: LaneRow, kind: LaneKind): Lane => ({
  kind,
  orgId: row.org_id,
  connectionId: row.connection_id,
  type: row.type,
  token: row.token,
  failures: row.failures,
  sweepRunId: row.sweep_run_id ?? undefined,
  sweptAt: row.swept_at ?? undefined,
  sweepAgainAt: row.sweep_again_at ?? undefined,
})

// Walks from lane to lane over the index: its cost is in the number of lanes, not in that of what waits in them.
const dueLane = async (tx: object, now: Date, kind: LaneKind): Promise<LaneRow | undefined> => {
  const waiting = sql.table(kind.waiting)
  const { rows } = await sql<LaneRow>`
    with recursive lanes as (
      (select org_id, connection_id, type from ${waiting} order by org_id, connection_id, type limit 1)
      union all
      select n.* from lanes l cross join lateral (
        select s.org_id, s.connection_id, s.type from ${waiting} s
        where (s.org_id, s.connection_id, s.type) > (l.org_id, l.connection_id, l.type)
        order by s.org_id, s.connection_id, s.type limit 1) n
    ), turns as (
      select l.*, exists (select from ${waiting} s where s.org_id = l.org_id and s.connection_id = l.connection_id
          and s.type = l.type and s.urgent and (s.due_at <= ${now} or s.attempts = 0)) as is_asked_for, k.token, k.lease_until, k.rest_until, k.sweep_run_id, k.swept_at, k.served_at,
        max(k.served_at) over (partition by l.org_id) as org_served_at,
        max(k.served_at) over (partition by l.org_id, l.connection_id) as connection_served_at
      from lanes l left join ${turns({ kind })} k using (org_id, connection_id, type)
    )
    select org_id, connection_id, type, token from turns t
    where ${isFree(now)} and (rest_until is null or rest_until <= ${now}) and (
      is_asked_for or exists (select from ${waiting} s where s.org_id = t.org_id and s.connection_id = t.connection_id and s.type = t.type
        and (s.due_at <= ${now} or s.attempts = 0) and s.due_at > coalesce(t.swept_at, '-infinity'))
      or exists (select from sync.runs r where r.id = t.sweep_run_id and r.state not in ('QUEUED', 'RUNNING')))
    order by org_served_at nulls first, is_asked_for desc, connection_served_at nulls first, served_at nulls first limit 1`.execute(
    over(tx),
  )
  return rows[0]
}

/** Keeps a lane. @returns false when another worker has taken it */
export const renewLane = async (
  database: Database<never>,
  lane: Lane,
  leaseUntil: Date,
): Promise<boolean> => {
  const { numAffectedRows } = await database.relay((tx) =>
    sql`update ${turns(lane)} set lease_until = ${leaseUntil} where ${isLane(lane)} and token = ${lane.token} and lease_until is not null`.execute(
      over(tx),
    ),
  )
  return (numAffectedRows ?? 0n) > 0n
}

/** Lets a lane go, so that any worker may take it at once, or from `restUntil`. */
export const releaseLane = async (
  database: Database<never>,
  lane: Lane,
  { restUntil = null, failures = 0 }: { restUntil?: Date | null; failures?: number } = {},
): Promise<void> => {
  await database.relay((tx) =>
    sql`update ${turns(lane)} set lease_until = null, rest_until = ${restUntil}, failures = ${failures}
      where ${isLane(lane)} and token = ${lane.token}`.execute(over(tx)),
  )
}

/**
 * Makes sure, until the transaction ends, that the lane is still this worker's and that nobody else writes its records.
 * @returns the run of the connection that is under way, which then need not look for what is met now
 * @throws HUB_LEASE_LOST
 */
export const holdLane = async (tx: object, lane: Lane): Promise<string | undefined> => {
  const { rows } = await sql<{ run_id: string | null }>`
    select (select r.id from sync.runs r
        where r.org_id = ${lane.orgId}::uuid and r.connection_id = ${lane.connectionId}::uuid and r.state = 'RUNNING') as run_id,
      ${takeTurn(lane)}
    from ${turns(lane)} where ${isLane(lane)} and token = ${lane.token} for key share`.execute(over(tx))
  if (!rows[0]) throw LeaseLost.with()
  return rows[0].run_id ?? undefined
}

/** Leaves everything that was noted until now to a run. */
export const sweepLane = async (tx: object, lane: Lane, runId: string, at: Date): Promise<void> => {
  await sql`update ${turns(lane)} set sweep_run_id = ${runId}::uuid, swept_at = ${at}::timestamptz
    where ${isLane(lane)} and token = ${lane.token}`.execute(over(tx))
}

/** The run is over: what it did not bring is read one by one. */
export const endSweep = async (tx: object, lane: Lane, sweepAgainAt: Date): Promise<void> => {
  await sql`update ${turns(lane)} set sweep_run_id = null, swept_at = null, sweep_again_at = ${sweepAgainAt}::timestamptz
    where ${isLane(lane)} and token = ${lane.token}`.execute(over(tx))
}

/** Takes a lane out of its turn, for work of its own. @returns undefined while another worker has it */
export const seizeLane = async (
  tx: object,
  kind: LaneKind,
  place: Pick<Lane, 'orgId' | 'connectionId' | 'type'>,
  { now, leaseMs }: { now: Date; leaseMs: number },
): Promise<Lane | undefined> => {
  const { rows } = await sql<LaneRow>`
    insert into ${turns({ kind })} as k (org_id, connection_id, type, token, lease_until, served_at)
    values (${place.orgId}::uuid, ${place.connectionId}::uuid, ${place.type}, 1, ${new Date(now.getTime() + leaseMs)}, ${now})
    on conflict (org_id, connection_id, type) do update set token = k.token + 1, lease_until = excluded.lease_until
      where k.lease_until is null or k.lease_until < ${now}
    returning org_id, connection_id, type, token, failures, sweep_run_id, swept_at, sweep_again_at`.execute(
    over(tx),
  )
  return rows[0] && laneOf(rows[0], kind)
}
