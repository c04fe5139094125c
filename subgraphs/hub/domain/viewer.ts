import { type Role, rolesAmong, spelt } from '#schema/roles.ts'
import { rolesWithin } from './member.ts'

export interface ViewerRow {
  id: string
  name: string
  kind: 'USER' | 'KEY'
  roles: Role[]
  scopes: string[]
  organisation: { id: string; slug: string; name: string; timeZone: string }
}

/** How a caller is shown to themselves. */
export const viewerOf = (
  caller: { id: string; kind: string; scopes: readonly string[] },
  known: { name: string | null; roles: readonly string[]; organisation: ViewerRow['organisation'] },
): ViewerRow => ({
  id: caller.id,
  name: known.name ?? caller.id,
  kind: caller.kind === 'key' ? 'KEY' : 'USER',
  // A token may allow less than the organisation does.
  roles: rolesWithin(caller.scopes, rolesAmong(known.roles)),
  scopes: spelt(caller.scopes),
  organisation: known.organisation,
})
