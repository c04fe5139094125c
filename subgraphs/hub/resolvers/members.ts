import { openedBy } from '#kernel/vault.ts'
import type {
  MemberResolvers,
  MutationResolvers,
  OrganisationResolvers,
  QueryResolvers,
  ViewerResolvers,
} from '#schema/generated/hub.types.ts'
import { connection, isText, keyset, placeOf } from '#service/connection.ts'
import { addMember } from '../commands/add-member.ts'
import { changeMemberRoles } from '../commands/change-member-roles.ts'
import { inviteMember } from '../commands/invite-member.ts'
import { otherMemberships } from '../commands/memberships.ts'
import { removeMember } from '../commands/remove-member.ts'
import { placeOfEmail } from '../domain/member.ts'
import { members, membersPage } from '../store/members.ts'

export const Member: MemberResolvers = {
  email: ({ id, sealedEmail }, _, { vault, orgId }) =>
    sealedEmail === null ? null : (openedBy(vault, sealedEmail, placeOfEmail(orgId, id)) ?? null),
  invitedBy: ({ invitedByKind: kind, invitedById: id }) => (kind && id ? { kind, id } : null),
}

export const organisationMembers = {
  members: (_, _args, { db, orgId }) => db.read(orgId, (tx) => members(tx, orgId)),
} satisfies Pick<OrganisationResolvers, 'members'>

export const viewerMemberships = {
  memberships: async ({ organisation: { id, slug, name }, roles }, _, ctx) => [
    { organisationId: id, slug, name, roles, isCurrent: true },
    ...(await otherMemberships(ctx)),
  ],
} satisfies Pick<ViewerResolvers, 'memberships'>

export const memberQueries = {
  members: async (_, { filter, ...args }, { db, orgId }) => {
    const page = keyset(args, 2)
    const wish = { ...filter, after: placeOf(page.after, isText, isText), limit: page.limit }
    const rows = await db.read(orgId, (tx) => membersPage(tx, orgId, wish))
    return connection(rows, page, ({ name, id }) => [name, id])
  },
} satisfies Pick<QueryResolvers, 'members'>

export const memberMutations = {
  inviteMember: (_, wish, ctx) => inviteMember(ctx, wish),
  addMember: (_, wish, ctx) => addMember(ctx, wish),
  changeMemberRoles: (_, wish, ctx) => changeMemberRoles(ctx, wish),
  removeMember: (_, wish, ctx) => removeMember(ctx, wish),
} satisfies Pick<MutationResolvers, 'inviteMember' | 'addMember' | 'changeMemberRoles' | 'removeMember'>
