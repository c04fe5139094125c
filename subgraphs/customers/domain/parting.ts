import { SYSTEM_RANK } from './matching/judgement.ts'
import type { Placed } from './matching/resolve.ts'

/** Most accounts that are taken from a customer at once. */
export const MOST_APART = 100

/** An account that is to be taken from its customer. */
export interface Parting {
  system: Placed['key']['system']
  account_id: string
  own_customer_id: string
  /** Where it was each time that somebody linked it by hand, and how it had come there, the last at the end. */
  linked_from: readonly string[]
  linked_before: readonly Placed['linkedBy'][]
}

const first = (accounts: readonly Parting[]): Parting =>
  [...accounts].sort(
    (a, b) => SYSTEM_RANK[a.system] - SYSTEM_RANK[b.system] || (a.account_id < b.account_id ? -1 : 1),
  )[0]!

/**
 * Whose accounts are that are taken from a customer: the one's from whom they were all linked by hand; else the one's as whom the first of
 * them began, HubSpot's before C3's and WARP's. None of them may be the one that the customer itself began with.
 */
export const whoseApart = (customerId: string, accounts: readonly Parting[]): string => {
  const leading = first(accounts)
  const from = leading.linked_from.at(-1)
  const isOfAll = accounts.every(({ linked_from }) => linked_from.at(-1) === from)
  return from !== undefined && from !== customerId && isOfAll ? from : leading.own_customer_id
}

/** How an account that was taken from a customer has come to where it is then: as it had come there before, else by that somebody says so. */
export const linkedApart = (account: Parting, customerId: string): Placed['linkedBy'] => {
  if (account.own_customer_id === customerId) return 'OWN'
  const before = account.linked_before.at(-1)
  return account.linked_from.at(-1) === customerId && before ? before : 'MANUAL'
}
