import { sql } from 'kysely'
import type { Role } from '../domain/roles.ts'
import type { Transaction } from './transaction.ts'

export interface OrganisationRow {
  id: string
  slug: string
  name: string
  timeZone: string
}

export interface MemberRow {
  id: string
  name: string
  email: string | null
  roles: Role[]
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

/** Makes an organisation, unless it is there. @returns whether it is new @throws when another one has the slug */
export const insertOrganisation = async (
  tx: Transaction,
  { id, slug, name, timeZone }: OrganisationRow,
  at: Date,
): Promise<boolean> => {
  const made = await tx
    .insertInto('hub.organisations')
    .values({ org_id: id, slug, name, time_zone: timeZone, created_at: at })
    .onConflict((conflict) => conflict.column('org_id').doNothing())
    .executeTakeFirst()
  if (made.numInsertedOrUpdatedRows === 0n) return false
  await tx.insertInto('hub.organisation_routes').values({ slug, org_id: id }).execute()
  return true
}

/** Who belongs to the organisation, by name. */
export const members = async (tx: Transaction, orgId: string): Promise<MemberRow[]> =>
  (await tx
    .selectFrom('hub.members')
    .select(['id', 'name', 'email', 'roles'])
    .where('org_id', '=', orgId)
    .orderBy('name')
    .orderBy('id')
    .execute()) as MemberRow[]

/** Notes a person as the identity provider describes them; writes only when something differs. */
export const rememberMember = async (
  tx: Transaction,
  orgId: string,
  member: Pick<MemberRow, 'id' | 'name' | 'roles'>,
): Promise<void> => {
  await tx
    .insertInto('hub.members')
    .values({ org_id: orgId, ...member })
    .onConflict((conflict) =>
      conflict
        .columns(['org_id', 'id'])
        .doUpdateSet({ name: member.name, roles: member.roles })
        .where(sql<boolean>`(members.name, members.roles) is distinct from (excluded.name, excluded.roles)`),
    )
    .execute()
}
