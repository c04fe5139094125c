import { sql } from 'kysely'
import type { OrganisationRow } from './organisations.ts'
import type { Transaction } from './transaction.ts'

/** What is kept about a caller beside what the principal says. */
export interface Known {
  name: string | null
  roles: string[]
  organisation: OrganisationRow
}

/** Reads a person's or a key's name together with the organisation, in one statement. */
export const known = async (
  tx: Transaction,
  orgId: string,
  caller: { kind: string; id: string },
): Promise<Known | undefined> => {
  const { rows } = await sql<Row>`
    select coalesce(member.name, key.name) as name, coalesce(member.roles, '{}') as roles,
      org.org_id as "orgId", org.slug, org.name as "orgName", org.time_zone as "timeZone"
    from hub.organisations org
    left join hub.members member
      on ${caller.kind} = 'user' and member.org_id = org.org_id and member.person_id = ${caller.id}
    left join hub.api_keys key
      on ${caller.kind} = 'key' and key.org_id = org.org_id and key.id::text = ${caller.id}
    where org.org_id = ${orgId}`.execute(tx)
  const [row] = rows
  if (!row) return undefined
  const { name, roles, orgId: id, slug, orgName, timeZone } = row
  return { name, roles, organisation: { id, slug, name: orgName, timeZone } }
}

interface Row {
  name: string | null
  roles: string[]
  orgId: string
  slug: string
  orgName: string
  timeZone: string
}
