import { sql } from 'kysely'
import type { Role } from '#schema/roles.ts'
import type { MemberRow, MemberState } from '../domain/member.ts'
import type { Transaction } from './transaction.ts'

const columns = [
  'id',
  'name',
  'roles',
  'state',
  'version',
  'person_id as personId',
  'sealed_email as sealedEmail',
  'invited_by_kind as invitedByKind',
  'invited_by_id as invitedById',
  'invited_at as invitedAt',
  'invited_until as invitedUntil',
  'joined_at as joinedAt',
  'removed_at as removedAt',
] as const

const rowsOf = (tx: Transaction, orgId: string) =>
  tx.selectFrom('hub.members').select(columns).where('org_id', '=', orgId).$castTo<MemberRow>()

const MOST = 1_000

/** Who belongs to the organisation, by name. */
export const members = (tx: Transaction, orgId: string): Promise<MemberRow[]> =>
  rowsOf(tx, orgId)
    .where('state', 'in', ['VOUCHED', 'ACTIVE'])
    .orderBy('name')
    .orderBy('id')
    .limit(MOST)
    .execute()

export interface MembersWish {
  role?: Role | null | undefined
  state?: MemberState | null | undefined
  text?: string | null | undefined
  after: readonly [name: string, id: string] | null
  limit: number
}

/** A page of members, by name. */
export const membersPage = (tx: Transaction, orgId: string, wish: MembersWish): Promise<MemberRow[]> => {
  const { role, state, text, after, limit } = wish
  let query = rowsOf(tx, orgId)
  query = state ? query.where('state', '=', state) : query.where('state', '!=', 'REMOVED')
  if (role) query = query.where(sql<boolean>`${role} = any (roles)`)
  if (text) query = query.where(sql<boolean>`position(lower(${text}) in lower(name)) > 0`)
  if (after) query = query.where(sql<boolean>`(name, id) > (${after[0]}, ${after[1]})`)
  return query.orderBy('name').orderBy('id').limit(limit).execute()
}

export const memberOfPerson = (
  tx: Transaction,
  orgId: string,
  personId: string,
): Promise<MemberRow | undefined> => rowsOf(tx, orgId).where('person_id', '=', personId).executeTakeFirst()

export const memberById = (tx: Transaction, orgId: string, id: string): Promise<MemberRow | undefined> =>
  rowsOf(tx, orgId).where('id', '=', id).executeTakeFirst()

/** The ids of the organisation's own administrators: those that it has decided on. */
export const adminsOf = async (tx: Transaction, orgId: string): Promise<string[]> => {
  const rows = await tx
    .selectFrom('hub.members')
    .select('id')
    .where('org_id', '=', orgId)
    .where('state', '=', 'ACTIVE')
    .where(sql<boolean>`'ADMIN' = any (roles)`)
    .limit(2)
    .execute()
  return rows.map(({ id }) => id)
}

/** Writes a member as it is from now on, as the next version where it was there. */
export const saveMember = async (
  tx: Transaction,
  orgId: string,
  member: Omit<MemberRow, 'version'>,
): Promise<MemberRow> => {
  const values = {
    name: member.name,
    roles: member.roles,
    state: member.state,
    person_id: member.personId,
    sealed_email: member.sealedEmail,
    invited_by_kind: member.invitedByKind,
    invited_by_id: member.invitedById,
    invited_at: member.invitedAt,
    invited_until: member.invitedUntil,
    joined_at: member.joinedAt,
    removed_at: member.removedAt,
  }
  return (await tx
    .insertInto('hub.members')
    .values({ org_id: orgId, id: member.id, ...values })
    .onConflict((conflict) =>
      conflict
        .columns(['org_id', 'id'])
        .doUpdateSet({ ...values, version: sql<number>`members.version + 1` }),
    )
    .returning(columns)
    .executeTakeFirstOrThrow()) as MemberRow
}

/** Forgets a member whose place another one takes. */
export const deleteMember = async (tx: Transaction, orgId: string, id: string): Promise<void> => {
  await tx.deleteFrom('hub.members').where('org_id', '=', orgId).where('id', '=', id).execute()
}

/** Notes a person as the identity provider describes them; what the organisation has decided stays. Writes only when something differs. */
export const rememberPerson = async (
  tx: Transaction,
  orgId: string,
  person: { id: string; name: string; roles: readonly Role[] },
): Promise<MemberRow | undefined> => {
  const { id, name, roles } = person
  await sql`
    insert into hub.members as member (org_id, id, person_id, name, roles)
    values (${orgId}, ${id}, ${id}, ${name}, ${roles}::text[])
    on conflict (org_id, person_id) do update
    set name = excluded.name,
      roles = case when member.state = 'VOUCHED' then excluded.roles else member.roles end
    where member.name is distinct from excluded.name
      or (member.state = 'VOUCHED' and member.roles is distinct from excluded.roles)`.execute(tx)
  return memberOfPerson(tx, orgId, id)
}

/** A place where somebody is known by a mark. */
export interface MemberRoute {
  orgId: string
  memberId: string
}

const MOST_ROUTES = 100

/** Where somebody belongs or is invited, the oldest first. Asked as the relay, before any organisation is known. */
export const routesOf = (tx: Transaction, marks: readonly string[]): Promise<MemberRoute[]> =>
  tx
    .selectFrom('hub.member_routes')
    .select(['org_id as orgId', 'member_id as memberId'])
    .where('mark', 'in', marks)
    .orderBy('since')
    .orderBy('org_id')
    .limit(MOST_ROUTES)
    .execute()

/** The member of the organisation with one of these marks. */
export const memberWithMark = async (
  tx: Transaction,
  orgId: string,
  marks: readonly string[],
): Promise<string | undefined> =>
  (
    await tx
      .selectFrom('hub.member_routes')
      .select('member_id')
      .where('org_id', '=', orgId)
      .where('mark', 'in', marks)
      .executeTakeFirst()
  )?.member_id

/** Has a member be found by these marks and by no others. */
export const writeRoutes = async (
  tx: Transaction,
  orgId: string,
  memberId: string,
  marks: readonly string[],
  since: Date,
): Promise<void> => {
  await tx
    .deleteFrom('hub.member_routes')
    .where('org_id', '=', orgId)
    .where((is) =>
      is.or([is('member_id', '=', memberId), ...(marks.length > 0 ? [is('mark', 'in', marks)] : [])]),
    )
    .execute()
  if (marks.length === 0) return
  const rows = marks.map((mark) => ({ mark, org_id: orgId, member_id: memberId, since }))
  await tx.insertInto('hub.member_routes').values(rows).execute()
}
