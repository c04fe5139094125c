import type { Scope } from '#schema/roles.ts'

/** What one has to be allowed to be told that a record of a kind changed: the same as to read it. */
export const SCOPE_OF_TYPE = {
  CUSTOMER: 'customers:read',
  COMPANY: 'customers:read',
  CONTACT: 'customers:read',
  DEAL: 'customers:read',
  TICKET: 'customers:read',
  TASK: 'customers:read',
  NOTE: 'customers:read',
  RFQ: 'inventory:read',
  C3_ACCOUNT: 'inventory:read',
  BILLING_ACCOUNT: 'telephony:read',
  TRUNK: 'telephony:read',
  NUMBER: 'telephony:read',
  PORT: 'telephony:read',
  BRAND: 'telephony:read',
  CAMPAIGN: 'telephony:read',
  INVOICE: 'telephony:read',
  INSIGHT: 'insights:read',
  RECOMMENDATION: 'insights:read',
  HEALTH: 'insights:read',
  SYNC_RUN: 'sync:read',
  CONFLICT: 'sync:read',
} as const satisfies Record<string, Scope>

export type ChangedType = keyof typeof SCOPE_OF_TYPE

const ALL = Object.keys(SCOPE_OF_TYPE) as ChangedType[]

/**
 * The kinds of record that a caller is told of.
 * @param asked the kinds wanted; null: all that may be read
 * @returns undefined when a kind is asked for that may not be read
 */
export const typesFor = (
  asked: readonly ChangedType[] | null,
  mayRead: (scope: Scope) => boolean,
): ChangedType[] | undefined => {
  const allowed = ALL.filter((type) => mayRead(SCOPE_OF_TYPE[type]))
  if (asked === null) return allowed
  return asked.every((type) => allowed.includes(type)) ? [...asked] : undefined
}
