import { createHmac } from 'node:crypto'

/** Each subgraph has a database of its own, and nobody opens another's. */
export const SUBGRAPHS = ['customers', 'inventory', 'telephony', 'insights', 'hub'] as const
export type Subgraph = (typeof SUBGRAPHS)[number]

/** `owner` migrates, `app` serves one organisation at a time, `relay` passes row level security on routing tables only. */
export const ROLES = ['owner', 'app', 'relay'] as const
export type Role = (typeof ROLES)[number]

/** Connection strings of one database, one per role. */
export type DatabaseUrls = Record<Role, string>

export const roleName = (subgraph: Subgraph, role: Role): string => `${subgraph}_${role}`

/** What `app` takes on for callers who may see some customers only (db/row-scope.ts). Nobody signs in by it. */
export const rowsRole = (subgraph: Subgraph): string => `${subgraph}_rows`

/** Derived, so that every process of a hub knows every password it needs and none has to be stored. */
export const rolePassword = (subgraph: Subgraph, role: Role, secret: string): string =>
  createHmac('sha256', secret)
    .update(`database role ${roleName(subgraph, role)}`)
    .digest('base64url')

export const databaseNameOf = (subgraph: Subgraph): string => `tributary_${subgraph}`

/**
 * The connection strings of a subgraph's database on the server that `adminUrl` points to.
 * @param secret the hub's own secret, from which the roles' passwords are derived
 * @param databaseName another database of the same shape, such as a test's clone
 */
export const databaseUrls = (
  adminUrl: string,
  subgraph: Subgraph,
  secret: string,
  databaseName = databaseNameOf(subgraph),
): DatabaseUrls => {
  const urlFor = (role: Role): string => {
    const url = new URL(adminUrl)
    url.username = roleName(subgraph, role)
    url.password = rolePassword(subgraph, role, secret)
    url.pathname = `/${databaseName}`
    return url.href
  }
  return { owner: urlFor('owner'), app: urlFor('app'), relay: urlFor('relay') }
}
