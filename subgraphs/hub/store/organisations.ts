import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

export interface OrganisationRow {
  id: string
  slug: string
  name: string
  timeZone: string
}

const columns = ['org_id as id', 'slug', 'name', 'time_zone as timeZone', 'created_at as createdAt'] as const

export const organisation = (
  tx: Transaction,
  orgId: string,
): Promise<(OrganisationRow & { createdAt: Date }) | undefined> =>
  tx.selectFrom('hub.organisations').select(columns).where('org_id', '=', orgId).executeTakeFirst()

/** The id of the organisation with a slug. Asked as the relay, before any organisation is known. */
export const routeOf = async (tx: Transaction, slug: string): Promise<string | undefined> =>
  (
    await tx
      .selectFrom('hub.organisation_routes')
      .select('org_id')
      .where('slug', '=', slug)
      .executeTakeFirst()
  )?.org_id

/** All organisations. Asked as the relay. */
export const routedOrganisations = async (tx: Transaction): Promise<string[]> =>
  (await tx.selectFrom('hub.organisation_routes').select('org_id').orderBy('org_id').execute()).map(
    (row) => row.org_id,
  )

/** Makes an organisation, unless it is there or another one has its short name. @returns whether it is new */
export const insertOrganisation = async (
  tx: Transaction,
  { id, slug, name, timeZone }: OrganisationRow,
  at: Date,
): Promise<boolean> => {
  // Whoever makes one of the same short name at the same moment waits here.
  const routed = await tx
    .insertInto('hub.organisation_routes')
    .values({ slug, org_id: id })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (routed.numInsertedOrUpdatedRows === 0n) return false
  await tx
    .insertInto('hub.organisations')
    .values({ org_id: id, slug, name, time_zone: timeZone, created_at: at })
    .execute()
  return true
}

/**
 * Has whoever decides something for the organisation as a whole wait for one another: who lends points of it, and who changes who
 * belongs to it. @returns false when there is no such organisation
 */
export const lockOrganisation = async (tx: Transaction, orgId: string): Promise<boolean> => {
  const { rows } = await sql`
    select 1 from hub.organisations where org_id = ${orgId}::uuid for no key update`.execute(tx)
  return rows.length > 0
}
