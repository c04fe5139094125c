import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import type { AccountKey } from '../domain/matching/judgement.ts'
import { identityChanged } from '../domain/telling.ts'
import { customersById } from '../store/customers.ts'
import {
  findAccount,
  type IdentityRow,
  lockIdentities,
  moveAccounts,
  type System,
} from '../store/identities.ts'
import { candidatesOf, decideCandidates } from '../store/identity-candidates.ts'
import { settleIdentities } from '../store/identity-changes.ts'
import { noteLinkedFrom } from '../store/identity-links.ts'
import type { Transaction } from '../store/transaction.ts'

/** Why an account was not linked: something named is not there, or the customer has changed since it was read. */
export type LinkRefusal = { missing: string } | { currentVersion: number }

/** Of how many pairs with the customer's accounts it is noted that somebody says they are one. */
const MOST_PAIRS = 1000

/**
 * Puts an account to a customer, whatever its domain says. The customer it was with is merged into this one when it has no
 * account left. Linking again what is linked changes nothing.
 */
export const linkIdentity = (
  ctx: Context,
  ask: { customerId: string; account: { system: System; accountId: string }; expectedVersion: number },
): Promise<LinkRefusal | { customerId: string; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    await lockIdentities(tx, orgId)
    const { system, accountId } = ask.account
    const customers = isId(ask.customerId) ? await customersById(tx, orgId, [ask.customerId]) : undefined
    const customer = customers?.get(ask.customerId)
    if (!customer) return { missing: 'The customer' }
    const account = await findAccount(tx, orgId, system, accountId)
    if (!account || account.gone_at) return { missing: 'The account' }
    if (customer.identity_version !== ask.expectedVersion)
      return { currentVersion: customer.identity_version }
    const at = clock.now()
    await linkAccount(tx, ctx, { account, customerId: customer.id, at })
    await audit(tx, {
      orgId,
      principal,
      action: 'linkIdentity',
      subject: { type: 'Customer', id: customer.id },
      before: { [`${system} ${account.account_id}`]: account.customer_id },
      after: { [`${system} ${account.account_id}`]: customer.id },
      at,
    })
    return { customerId: customer.id, receipt: await receiptOf(tx) }
  })

/** Puts an account to a customer in the caller's transaction, and tells of everybody whose accounts changed by it. */
export const linkAccount = async (
  tx: Transaction,
  ctx: Pick<Context, 'orgId' | 'principal'>,
  { account, customerId, at }: { account: IdentityRow; customerId: string; at: Date },
): Promise<void> => {
  const { orgId } = ctx
  const { system, account_id, customer_id: was } = account
  if (was !== customerId) {
    await noteLinkedFrom(tx, orgId, account)
    await decideLinked(tx, ctx, account, customerId, at)
  }
  await moveAccounts(tx, orgId, [{ system, account_id, customer_id: customerId, linked_by: 'MANUAL' }])
  const affected = [
    { id: customerId, into: null },
    ...(was === customerId ? [] : [{ id: was, into: customerId }]),
  ]
  const states = await settleIdentities(tx, orgId, affected, at)
  await publish(tx, orgId, states.map(identityChanged), at)
}

/** Notes of the account and those of the customer, where somebody was asked or had said otherwise, that they are the same customer. */
const decideLinked = async (
  tx: Transaction,
  { orgId, principal }: Pick<Context, 'orgId' | 'principal'>,
  account: IdentityRow,
  customerId: string,
  at: Date,
): Promise<void> => {
  const pairs = await candidatesOf(
    tx,
    orgId,
    { states: ['OPEN', 'REJECTED'], kind: 'MATCH', customerIds: [customerId] },
    { first: MOST_PAIRS, after: null },
  )
  const isIt = ({ system, accountId }: AccountKey) =>
    system === account.system && accountId === account.account_id
  const ids = pairs.filter(({ a, b }) => isIt(a) || isIt(b)).map(({ id }) => id)
  const decidedBy = `${principal.kind} ${principal.id}`
  await decideCandidates(tx, orgId, ids, { state: 'LINKED', decidedBy, reason: null }, at)
}
