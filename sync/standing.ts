import { type RawBuilder, sql } from 'kysely'
import { over } from '#db/client.ts'

/**
 * How a record stands towards the source.
 * SYNCED: both sides say the same · PENDING: something of it waits to be read, to be written, or for a person to decide · ERROR: what
 * one side says could not be taken over by the other
 */
export type StandingState = 'SYNCED' | 'PENDING' | 'ERROR'

export interface Standing {
  state: StandingState
  /** Somebody has to decide about it. */
  isContested: boolean
  /** When both sides were last known to agree, or what they disagree about. */
  syncedAt: Date
}

interface Found extends Standing {
  localId: string
}

/** Of links `l`. */
const isOf = (table: string): RawBuilder<boolean> =>
  sql`${sql.ref(`${table}.org_id`)} = l.org_id and ${sql.ref(`${table}.connection_id`)} = l.connection_id
    and ${sql.ref(`${table}.type`)} = l.type`
const GIVEN_UP = sql`d.direction = 'IN' and d.state in ('OPEN', 'DISMISSED')`

/**
 * How records of ours stand towards their sources, out of everything that the engine has noted of them: one statement. Records that no
 * source speaks for are absent.
 */
export const standingsOf = async (
  tx: object,
  orgId: string,
  localIds: readonly string[],
): Promise<Map<string, Standing>> => {
  if (localIds.length === 0) return new Map()
  const { rows } = await sql<Found>`
    select local_id as "localId", last_synced_at as "syncedAt", contested as "isContested", state
    from sync.standings where org_id = ${orgId}::uuid and local_id = any(${localIds}::uuid[])`.execute(
    over(tx),
  )
  return new Map(rows.map(({ localId, ...standing }) => [localId, standing]))
}

/** How many records of a kind stand otherwise than in step. */
export interface Standings {
  connectionId: string
  type: string
  pending: number
  /** Those that the hub has. */
  errors: number
  /** Those that could not be taken over at all, so that the hub has nothing of them. */
  absent: number
  contested: number
}

/**
 * How many records of connections wait or were given up, by kind: one statement, which looks at what was noted and not at what is in
 * step. Kinds of which all are in step are absent.
 */
export const countStandings = async (
  tx: object,
  orgId: string,
  connectionIds: readonly string[],
): Promise<Standings[]> => {
  if (connectionIds.length === 0) return []
  const ofThese = (table: string) =>
    sql`${sql.ref(`${table}.org_id`)} = ${orgId}::uuid and ${sql.ref(`${table}.connection_id`)} = any(${connectionIds}::uuid[])`
  const { rows } = await sql<Standings>`
    with noted as (
      select l.local_id from sync.links l where ${ofThese('l')} and l.base is not null
      union select o.local_id from sync.outgoing o where ${ofThese('o')}
      union select c.local_id from sync.decisions c where ${ofThese('c')} and c.outcome = 'open'
      union select l.local_id from sync.signals s join sync.links l on ${isOf('s')} and l.external_id = s.external_id where ${ofThese('s')}
      union select l.local_id from sync.dead_letters d join sync.links l on ${isOf('d')} and l.external_id = d.external_id
        where ${ofThese('d')} and ${GIVEN_UP}
    ), standing as (
      select l.connection_id, l.type, l.state, l.contested as open from noted n join sync.standings l on l.local_id = n.local_id
      where ${ofThese('l')} and l.gone_at is null
    ), absent as (
      select d.connection_id, d.type, 'ABSENT' as state, false as open from sync.dead_letters d
      where ${ofThese('d')} and ${GIVEN_UP} and not exists (select from sync.links l where ${isOf('d')} and l.external_id = d.external_id)
    )
    select connection_id as "connectionId", type, count(*) filter (where state = 'PENDING') as pending,
      count(*) filter (where state = 'ERROR') as errors, count(*) filter (where state = 'ABSENT') as absent,
      count(*) filter (where open) as contested
    from (select * from standing union all select * from absent) every_one
    group by connection_id, type`.execute(over(tx))
  return rows
}
