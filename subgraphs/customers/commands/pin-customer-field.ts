import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type GoldenField, pinnedValue, SHOWN_AS } from '../domain/golden.ts'
import { customerChanged } from '../domain/telling.ts'
import { type CustomerRow, customersById } from '../store/customers.ts'
import { followRules } from '../store/golden.ts'
import { dropPin, goldenRulesNow, type PinRow, pinsOf, setPin } from '../store/golden-rules.ts'
import { lockIdentities } from '../store/identities.ts'
import { ownersById } from '../store/owners.ts'
import type { Transaction } from '../store/transaction.ts'

type Answer = Refusal | { customerId: string; receipt: Receipt }

/**
 * Decides a field of a customer by hand. It is the hub's own word: no record of another system is changed by it. After a link the customer
 * that stays keeps what was decided of it; what was decided of the other comes back with it.
 */
export const pinCustomerField = (
  ctx: Context,
  ask: { customerId: string; field: GoldenField; value: string },
): Promise<Answer> =>
  ctx.write(async (tx) => {
    const customer = await lockCustomer(tx, ctx.orgId, ask.customerId)
    if (!customer) return missing('The customer')
    const pinned = pinnedValue(ask.field, ask.value)
    if ('wrong' in pinned) return invalid('value', pinned.wrong)
    if (ask.field === 'OWNER' && !(await isColleague(tx, ctx.orgId, pinned.value)))
      return invalid('value', 'Name a colleague who works here by the id of the owner.')
    await decide(tx, ctx, 'pinCustomerField', { customer, field: ask.field, value: pinned.value })
    return { customerId: customer.id, receipt: await receiptOf(tx) }
  })

/** Gives a field that was decided by hand back to the rules. What nobody decided is as the rules have it already. */
export const unpinCustomerField = (
  ctx: Context,
  ask: { customerId: string; field: GoldenField },
): Promise<Answer> =>
  ctx.write(async (tx) => {
    const customer = await lockCustomer(tx, ctx.orgId, ask.customerId)
    if (!customer) return missing('The customer')
    await decide(tx, ctx, 'unpinCustomerField', { customer, field: ask.field, value: null })
    return { customerId: customer.id, receipt: await receiptOf(tx) }
  })

const lockCustomer = async (tx: Transaction, orgId: string, id: string): Promise<CustomerRow | undefined> => {
  await lockIdentities(tx, orgId)
  return isId(id) ? (await customersById(tx, orgId, [id])).get(id) : undefined
}

const isColleague = async (tx: Transaction, orgId: string, id: string): Promise<boolean> =>
  isId(id) && ((await ownersById(tx, orgId, [id])).get(id)?.is_active ?? false)

const decide = async (
  tx: Transaction,
  { orgId, principal, clock }: Context,
  action: string,
  { customer, field, value }: { customer: CustomerRow; field: GoldenField; value: string | null },
): Promise<void> => {
  const held = (await pinsOf(tx, orgId, [customer.id])).get(customer.id)?.find((pin) => pin.field === field)
  if ((held?.value ?? null) === value) return
  const at = clock.now()
  const pin: Pick<PinRow, 'customer_id' | 'field'> = { customer_id: customer.id, field }
  if (value === null) await dropPin(tx, orgId, pin)
  else
    await setPin(tx, orgId, {
      ...{ ...pin, value, pinned_at: at },
      pinned_by: `${principal.kind} ${principal.id}`,
    })
  const rules = await goldenRulesNow(tx, orgId)
  const freed = value === null ? { freed: field } : {}
  const moved = await followRules(tx, orgId, { ids: [customer.id], rules, ...freed }, at)
  await publish(
    tx,
    orgId,
    moved.map((each) => customerChanged(each, at)),
    at,
  )
  await audit(tx, {
    ...{ orgId, principal, action, at, subject: { type: 'Customer', id: customer.id } },
    before: { [SHOWN_AS[field]]: held?.value ?? null },
    after: { [SHOWN_AS[field]]: value },
  })
}
