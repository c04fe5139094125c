import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { deadLetters } from '#telemetry/measures.ts'
import type { Explained } from './failure.ts'
import type { ListPage } from './logs.ts'

/** A record that was given up after all its tries, until it is brought over well again, or somebody sets it aside. */
export interface DeadLetter extends Explained {
  id: string
  connectionId: string
  type: string
  externalId: string
  direction: 'IN' | 'OUT'
  state: 'OPEN' | 'RESOLVED' | 'DISMISSED'
  attempts: number
  firstFailedAt: Date
  lastFailedAt: Date
  replayedAt: Date | null
  closedAt: Date | null
  dismissedBecause: string | null
}

interface Place {
  orgId: string
  connectionId: string
  type: string
  /** Whether the record could not be brought in, or not written out. Default: in. */
  direction?: DeadLetter['direction'] | undefined
}

/** A record that is given up. */
export interface Buried extends Explained {
  externalId: string
  attempts: number
}

/** Gives records up: one statement. One that is open already stays the same letter, with what happened last. */
export const buryRecords = async (
  tx: object,
  { orgId, connectionId, type, direction = 'IN' }: Place,
  buried: readonly Buried[],
  clock: Clock,
): Promise<void> => {
  if (buried.length === 0) return
  for (const { code } of buried) deadLetters.inc({ code })
  const at = clock.now()
  const rows = buried.map(({ externalId, ...each }) => ({
    ...each,
    id: newId(clock),
    external_id: externalId,
  }))
  await sql`
    insert into sync.dead_letters as d (id, org_id, connection_id, type, external_id, direction, code, reason, guidance, attempts,
      first_failed_at, last_failed_at)
    select r.id, ${orgId}::uuid, ${connectionId}::uuid, ${type}, r.external_id, ${direction}, r.code, r.reason, r.guidance, r.attempts,
      ${at}::timestamptz, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, external_id text, code text, reason text, guidance text,
      attempts integer)
    on conflict (org_id, connection_id, type, external_id, direction) where state = 'OPEN' do update set
      code = excluded.code, reason = excluded.reason, guidance = excluded.guidance, attempts = d.attempts + excluded.attempts,
      last_failed_at = excluded.last_failed_at`.execute(over(tx))
}

/**
 * Which of these records are given up already, or were set aside; their letters take note of the further failure: one statement.
 */
export const failedAgain = async (
  tx: object,
  { orgId, connectionId, type }: Place,
  externalIds: readonly string[],
  at: Date,
): Promise<ReadonlySet<string>> => {
  if (externalIds.length === 0) return new Set()
  const { rows } = await sql<{ external_id: string }>`
    update sync.dead_letters set attempts = attempts + 1, last_failed_at = ${at}::timestamptz
    where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and type = ${type}
      and external_id = any(${externalIds}::text[]) and direction = 'IN' and state in ('OPEN', 'DISMISSED')
    returning external_id`.execute(over(tx))
  return new Set(rows.map((row) => row.external_id))
}

/** Whether a connection has records that were given up or set aside. */
export const holdsLetters = async (
  tx: object,
  { orgId, connectionId }: Pick<Place, 'orgId' | 'connectionId'>,
): Promise<boolean> => {
  const { rows } = await sql`
    select from sync.dead_letters where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid
      and state in ('OPEN', 'DISMISSED') limit 1`.execute(over(tx))
  return rows.length > 0
}

/** Closes the letters of records that could be brought over after all, those that were set aside too: one statement. */
export const resolveLetters = async (
  tx: object,
  { orgId, connectionId, type, direction = 'IN' }: Place,
  externalIds: readonly string[],
  at: Date,
): Promise<void> => {
  if (externalIds.length === 0) return
  await sql`
    update sync.dead_letters set state = 'RESOLVED', closed_at = ${at}::timestamptz
    where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and type = ${type}
      and external_id = any(${externalIds}::text[]) and direction = ${direction} and state in ('OPEN', 'DISMISSED')`.execute(
    over(tx),
  )
}

/** Which letters are meant; what is left out does not narrow. */
export interface LetterFilter {
  ids?: readonly string[] | undefined
  connectionId?: string | undefined
  type?: string | undefined
  code?: string | undefined
  state?: DeadLetter['state'] | undefined
}

const meant = ({ ids, connectionId, type, code, state }: LetterFilter) => sql`
  ${ids ? sql`and id = any(${ids}::uuid[])` : sql``}
  ${connectionId ? sql`and connection_id = ${connectionId}::uuid` : sql``}
  ${type ? sql`and type = ${type}` : sql``} ${code ? sql`and code = ${code}` : sql``}
  ${state ? sql`and state = ${state}` : sql``}`

const COLUMNS = sql`id, connection_id as "connectionId", type, external_id as "externalId", direction, state, code, reason, guidance,
  attempts, first_failed_at as "firstFailedAt", last_failed_at as "lastFailedAt", replayed_at as "replayedAt",
  closed_at as "closedAt", dismissed_because as "dismissedBecause"`

/** Letters, those that failed last first. */
export const listLetters = async (
  tx: object,
  orgId: string,
  filter: LetterFilter,
  { limit, after }: ListPage,
): Promise<DeadLetter[]> => {
  const { rows } = await sql<DeadLetter>`
    select ${COLUMNS} from sync.dead_letters where org_id = ${orgId}::uuid ${meant(filter)}
      ${after ? sql`and (last_failed_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
    order by last_failed_at desc, id desc limit ${limit}`.execute(over(tx))
  return rows
}

/** How many letters are meant. */
export const countLetters = async (tx: object, orgId: string, filter: LetterFilter): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from sync.dead_letters where org_id = ${orgId}::uuid ${meant(filter)}`.execute(
    over(tx),
  )
  return rows[0]?.count ?? 0
}

/** Notes that open letters are to be tried again. @returns at most `limit` of them, those that failed first */
export const replayLetters = async (
  tx: object,
  orgId: string,
  filter: LetterFilter,
  { limit, at }: { limit: number; at: Date },
): Promise<DeadLetter[]> => {
  const { rows } = await sql<DeadLetter>`
    update sync.dead_letters set replayed_at = ${at}::timestamptz where id in (
      select id from sync.dead_letters where org_id = ${orgId}::uuid and state = 'OPEN' ${meant(filter)}
      order by last_failed_at, id limit ${limit} for update)
    returning ${COLUMNS}`.execute(over(tx))
  return rows
}

/** Sets an open letter aside. @returns undefined when there is no open one with this id */
export const dismissLetter = async (
  tx: object,
  orgId: string,
  id: string,
  { because, at }: { because: string; at: Date },
): Promise<DeadLetter | undefined> => {
  const { rows } = await sql<DeadLetter>`
    update sync.dead_letters set state = 'DISMISSED', closed_at = ${at}::timestamptz, dismissed_because = ${because}
    where org_id = ${orgId}::uuid and id = ${id}::uuid and state = 'OPEN' returning ${COLUMNS}`.execute(
    over(tx),
  )
  return rows[0]
}
