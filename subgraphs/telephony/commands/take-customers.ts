import type { LoggedEvent } from '#events/log.ts'
import { customersOfAccounts } from '#schema/events.ts'
import { assignCustomers } from '../store/accounts.ts'
import { moveCompanyCredits } from '../store/credit.ts'
import { lockEstates } from '../store/estates.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import type { Keeping } from './keep-estates.ts'
import { provideForOnboardings } from './provide-for-onboardings.ts'
import { settleCredit, takeCreditLimits } from './take-credit-limits.ts'

/** What customers says that matters here. */
export const CUSTOMER_EVENTS = [
  'customers.identity.changed',
  'customers.company.changed',
  'customers.onboarding.waiting',
] as const

/** Whoever did what follows from the news of customers. */
const CUSTOMERS = { kind: 'system', id: 'system:customers' } as const

/** Takes a batch of one organisation's news from customers: whose accounts are, what companies may owe, and who waits for an account or a trunk. */
export const takeCustomers = async (
  raw: object,
  taking: Pick<Keeping, 'orgId' | 'clock' | 'sealNumber'>,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const tx = asTransaction(raw)
  const named = (name: (typeof CUSTOMER_EVENTS)[number]) => events.filter((event) => event.name === name)
  const hearing = { ...taking, principal: CUSTOMERS }
  await takeIdentities(tx, hearing, named('customers.identity.changed'))
  await takeCreditLimits(tx, hearing, named('customers.company.changed'))
  await provideForOnboardings(tx, hearing, named('customers.onboarding.waiting'))
}

/** Remembers which customer each account and each company belongs to. A company may have said its limit before it was known whose accounts are. */
const takeIdentities = async (
  tx: Transaction,
  hearing: Omit<Keeping, 'action'>,
  events: readonly LoggedEvent[],
): Promise<void> => {
  if (events.length === 0) return
  const { orgId } = hearing
  // Before any row: whoever closes an account holds them when he gives the other one what waits for it.
  await lockEstates(tx, orgId)
  const accounts = customersOfAccounts('WARP', events)
  const companies = customersOfAccounts('HUBSPOT', events)
  await assignCustomers(tx, orgId, accounts)
  await moveCompanyCredits(tx, orgId, companies)
  await settleCredit(tx, hearing, {
    bans: accounts.map(({ accountId }) => accountId),
    customerIds: [...new Set([...accounts, ...companies].map(({ customerId }) => customerId))],
  })
}
