import type { Role } from '#schema/roles.ts'
import type { Context } from '../context.ts'
import { MARKS, personMark } from '../domain/member.ts'
import { memberOfPerson, routesOf } from '../store/members.ts'
import { organisation } from '../store/organisations.ts'

export interface MembershipRow {
  organisationId: string
  slug: string
  name: string
  roles: Role[]
  isCurrent: boolean
}

/** To which other organisations a person belongs. Each is asked by itself: no statement sees the rows of two. */
export const otherMemberships = async ({
  db,
  orgId: current,
  principal,
  vault,
}: Pick<Context, 'db' | 'orgId' | 'principal' | 'vault'>): Promise<MembershipRow[]> => {
  if (principal.kind !== 'user') return []
  const marks = vault.marks([personMark(principal.id)], MARKS)
  const routes = await db.relay((tx) => routesOf(tx, marks))
  const places = [...new Set(routes.map(({ orgId }) => orgId))].filter((orgId) => orgId !== current)
  const found = []
  for (const orgId of places)
    found.push(
      await db.read(orgId, async (tx) => ({
        there: await organisation(tx, orgId),
        member: await memberOfPerson(tx, orgId, principal.id),
      })),
    )
  return found.flatMap(({ there, member }) =>
    there && member?.state === 'ACTIVE'
      ? [
          {
            organisationId: there.id,
            slug: there.slug,
            name: there.name,
            roles: member.roles,
            isCurrent: false,
          },
        ]
      : [],
  )
}
