import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { identityChanged } from '../domain/telling.ts'
import { customersById } from '../store/customers.ts'
import { findAccount, lockIdentities, moveAccounts, type System } from '../store/identities.ts'
import { settleIdentities } from '../store/identity-changes.ts'

/** Why an account was not linked: something named is not there, or the customer has changed since it was read. */
export type LinkRefusal = { missing: string } | { currentVersion: number }

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
    const move = {
      system,
      account_id: account.account_id,
      customer_id: customer.id,
      linked_by: 'MANUAL' as const,
    }
    await moveAccounts(tx, orgId, [move])
    const states = await settleIdentities(
      tx,
      orgId,
      [
        { id: customer.id, into: null },
        ...(account.customer_id === customer.id ? [] : [{ id: account.customer_id, into: customer.id }]),
      ],
      at,
    )
    await audit(tx, {
      orgId,
      principal,
      action: 'linkIdentity',
      subject: { type: 'Customer', id: customer.id },
      before: { [`${system} ${account.account_id}`]: account.customer_id },
      after: { [`${system} ${account.account_id}`]: customer.id },
      at,
    })
    await publish(tx, orgId, states.map(identityChanged), at)
    return { customerId: customer.id, receipt: await receiptOf(tx) }
  })
