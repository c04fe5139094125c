import { sql } from 'kysely'
import type { RecordType } from '#subgraphs/customers/domain/kinds.ts'
import { type CustomersBed, ORG } from '#test/kit/customers.ts'

export interface HeldRow {
  id: string
  external_id: string
  properties: Record<string, unknown>
  gone_at: Date | null
  merged_into: string | null
  valid_from: Date
}

/** What the hub holds of a type, by the record's id at the portal. */
export const rowsOf = async (
  bed: Pick<CustomersBed, 'database'>,
  type: RecordType,
): Promise<Map<string, HeldRow>> => {
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<HeldRow>`select id, external_id, properties, gone_at, merged_into, valid_from from ${sql.table(`customers.${type}`)}
      order by id`.execute(tx),
  )
  return new Map(rows.map((row) => [row.external_id, row]))
}

/** The events of one name that the outbox and the log hold, oldest first. */
export const eventsOf = async <T = Record<string, unknown>>(
  bed: Pick<CustomersBed, 'database'>,
  name: string,
): Promise<T[]> => {
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<{
      payload: T
    }>`select payload from events.recorded where name = ${name} order by batch, place`.execute(tx),
  )
  return rows.map((row) => row.payload)
}
