import { publish } from '#events/outbox.ts'
import { idFrom, isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { inOrder } from '../domain/matching/judgement.ts'
import { nameOfKey } from '../domain/matching/resolve.ts'
import { linkedApart, MOST_APART, whoseApart } from '../domain/parting.ts'
import { identityChanged } from '../domain/telling.ts'
import { customersById } from '../store/customers.ts'
import { identitiesOf, lockIdentities, moveAccounts } from '../store/identities.ts'
import { rejectPairs } from '../store/identity-candidates.ts'
import { settleIdentities } from '../store/identity-changes.ts'
import {
  accountsNamed,
  forgetLinkedFrom,
  type LinkedAccount,
  type NamedAccount,
} from '../store/identity-links.ts'
import { explainPairs } from '../store/matching.ts'

/** Most pairs of accounts of which one decision says that they are not the same customer. */
const MOST_PAIRS = 10_000

export interface TakingApart {
  /** The mutation, as the audit names it. */
  action: 'unlinkIdentity' | 'splitCustomer'
  /** The argument that names the accounts. */
  field: string
  customerId: string
  accounts: readonly NamedAccount[]
  expectedVersion: number
}

/**
 * Takes accounts from a customer: they are a customer of their own then, the one they were before they were linked by hand or the one that
 * the first of them began as. That they are not this customer's is remembered of every pair that is parted, so that nobody links them again
 * by what they say now. The number of statements does not depend on how many accounts there are.
 */
export const takeApart = (
  ctx: Context,
  ask: TakingApart,
): Promise<Refusal | { customerId: string; apartId: string; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    if (ask.accounts.length === 0 || ask.accounts.length > MOST_APART)
      return invalid(ask.field, `Name between 1 and ${MOST_APART} accounts.`)
    await lockIdentities(tx, orgId)
    const customer = isId(ask.customerId)
      ? (await customersById(tx, orgId, [ask.customerId])).get(ask.customerId)
      : undefined
    if (!customer) return missing('The customer')
    const found = await accountsNamed(tx, orgId, customer.id, ask.accounts)
    if (found.includes(undefined)) return missing('An account that is to be taken from the customer')
    if (customer.identity_version !== ask.expectedVersion)
      return stale('The customer', customer.identity_version)
    const going = [...new Map(found.map((account) => [keyName(account!), account!])).values()]
    if (going.some((account) => account.own_customer_id === customer.id))
      return invalid(
        ask.field,
        'The customer began with one of these accounts, so that one keeps its id. Take the others from it instead.',
        'BEGAN_WITH',
      )
    const staying = ((await identitiesOf(tx, orgId, [customer.id])).get(customer.id) ?? []).filter(
      (account) => !going.some((one) => keyName(one) === keyName(account)),
    )
    if (staying.length === 0)
      return invalid(
        ask.field,
        'These are all accounts that the customer has. Leave at least one with it.',
        'NOTHING_LEFT',
      )
    if (going.length * staying.length > MOST_PAIRS)
      return invalid(
        ask.field,
        `The customer has ${staying.length} other accounts: take fewer at a time.`,
        'TOO_MANY',
      )
    const at = clock.now()
    const apartId = whoseApart(customer.id, going)
    await moveAccounts(
      tx,
      orgId,
      going.map((account) => ({
        ...{ system: account.system, account_id: account.account_id, customer_id: apartId },
        linked_by: linkedApart(account, apartId),
      })),
    )
    await forgetLinkedFrom(tx, orgId, going, apartId)
    const pairs = going.flatMap((one) => staying.map((other) => inOrder(keyOf(one), keyOf(other))))
    const judged = await explainPairs(
      tx,
      orgId,
      pairs.map(([a, b]) => ({ a, b })),
    )
    await rejectPairs(
      tx,
      orgId,
      judged.flatMap((pair) =>
        pair
          ? [{ ...pair, id: idFrom(orgId, 'identity-candidate', nameOfKey(pair.a), nameOfKey(pair.b)) }]
          : [],
      ),
      { decidedBy: `${principal.kind} ${principal.id}`, reason: null },
      at,
    )
    const states = await settleIdentities(
      tx,
      orgId,
      [customer.id, apartId].map((id) => ({ id, into: null })),
      at,
    )
    await audit(tx, {
      ...{ orgId, principal, action: ask.action, subject: { type: 'Customer', id: customer.id }, at },
      before: Object.fromEntries(going.map((account) => [keyName(account), customer.id])),
      after: Object.fromEntries(going.map((account) => [keyName(account), apartId])),
    })
    await publish(tx, orgId, states.map(identityChanged), at)
    return { customerId: customer.id, apartId, receipt: await receiptOf(tx) }
  })

const keyOf = ({ system, account_id }: Pick<LinkedAccount, 'system' | 'account_id'>) => ({
  system,
  accountId: account_id,
})
const keyName = (account: Pick<LinkedAccount, 'system' | 'account_id'>): string => nameOfKey(keyOf(account))
