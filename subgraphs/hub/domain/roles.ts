/** What somebody may do, one by one. `admin` also means everything that concerns the organisation itself. */
export const SCOPES = [
  'customers:read',
  'customers:write',
  'inventory:read',
  'inventory:write',
  'telephony:read',
  'telephony:write',
  'insights:read',
  'insights:write',
  'sync:read',
  'sync:write',
  'identity:write',
  'pii:read',
  'privacy:read',
  'privacy:write',
  'audit:read',
  'admin',
] as const
export type Scope = (typeof SCOPES)[number]

/** Everything, in a principal. */
export const EVERYTHING = '*'

/** What shows customers and what hangs on them, and changes nothing. */
export const READS = ['customers:read', 'inventory:read', 'telephony:read', 'insights:read'] as const

/** What each role may do. */
const scopesByRole = {
  ADMIN: [EVERYTHING],
  // Who keeps the hub running may say and hand over what is held; erasing somebody is an administrator's to decide.
  OPERATOR: SCOPES.filter((scope) => scope !== 'admin' && scope !== 'privacy:write'),
  AGENT: [...READS, 'customers:write', 'sync:read', 'pii:read'],
  PARTNER: READS,
  READONLY: [...READS, 'sync:read'],
} as const satisfies Record<string, readonly (Scope | typeof EVERYTHING)[]>

export type Role = keyof typeof scopesByRole

/** The roles among names that come from outside, in whatever case they are written. Unknown ones give nothing. */
export const rolesAmong = (names: readonly string[]): Role[] => {
  const asked = new Set(names.map((name) => name.toUpperCase()))
  return (Object.keys(scopesByRole) as Role[]).filter((role) => asked.has(role))
}

/** What several roles may do together. */
export const scopesOf = (roles: readonly Role[]): string[] => {
  const all = new Set<string>(roles.flatMap((role) => scopesByRole[role]))
  return all.has(EVERYTHING) ? [EVERYTHING] : [...all]
}

/** Scopes as they are shown to people: everything is spelt out. */
export const spelt = (scopes: readonly string[]): string[] =>
  scopes.includes(EVERYTHING) ? [...SCOPES] : [...scopes]
