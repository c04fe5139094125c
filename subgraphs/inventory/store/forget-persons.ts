import { sql } from 'kysely'
import { PERSONAL_MAP, type TableMap } from '../domain/personal-map.ts'
import type { Transaction } from './transaction.ts'

interface Place {
  orgId: string
  connectionId: string
}

/** Empties what records of a connection say of persons that are gone: at most `limit`. @returns how many */
const empty = async (
  tx: Transaction,
  { orgId, connectionId }: Place,
  table: string,
  holds: NonNullable<TableMap['holds']>,
  limit: number,
): Promise<number> => {
  const columns = Object.entries(holds)
  const says = columns.map(([name, left]) => sql`${sql.ref(name)} is distinct from ${left}`)
  const { numAffectedRows = 0n } = await sql`
    update ${sql.table(table)} set ${sql.join(columns.map(([name, left]) => sql`${sql.ref(name)} = ${left}`))}
    where org_id = ${orgId}::uuid and id = any(array(
      select id from ${sql.table(table)} where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid
        and deleted_at is not null and (${sql.join(says, sql` or `)}) limit ${limit}))`.execute(tx)
  return Number(numAffectedRows)
}

/** Deletes what records of a connection said before: at most `limit`. @returns how many */
const forgetFormer = async (
  tx: Transaction,
  { orgId, connectionId }: Place,
  table: string,
  limit: number,
): Promise<number> => {
  const { numAffectedRows = 0n } = await sql`
    delete from ${sql.table(table)} where ctid = any(array(
      select ctid from ${sql.table(table)}
      where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid limit ${limit}))`.execute(tx)
  return Number(numAffectedRows)
}

/** Forgets what records of a kind say and said of persons, which are gone: at most `limit` of each table. @returns the most that went of one */
export const forgetPersons = async (
  tx: Transaction,
  place: Place,
  type: string,
  limit: number,
): Promise<number> => {
  let most = 0
  for (const [table, { of, holds, former }] of Object.entries(PERSONAL_MAP)) {
    if (of !== type) continue
    const emptied = holds ? await empty(tx, place, table, holds, limit) : 0
    most = Math.max(most, emptied, former ? await forgetFormer(tx, place, table, limit) : 0)
  }
  return most
}
