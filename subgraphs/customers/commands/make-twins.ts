import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import { takeTurnOf } from '#sync/checkpoint.ts'
import type { ChangeRecords, Context } from '../context.ts'
import { goesOut } from '../domain/going-out.ts'
import { customerOfCompany } from '../domain/links.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import { identityChanged } from '../domain/telling.ts'
import { type TwinFacts, twinValues } from '../domain/twins.ts'
import { lockIdentities, moveAccounts } from '../store/identities.ts'
import { settleIdentities } from '../store/identity-changes.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'
import { lockTwins } from '../store/twins.ts'
import { writableProperties } from '../store/writable.ts'
import { judgeTwins, twinOf } from './judge-twins.ts'

/** Customers that are made companies in one transaction. */
const AT_ONCE = 200

type Made = { made: number; hasMore: boolean } | { trouble: string }

/**
 * Makes companies of a portal of customers that only C3 or WARP knows, by its policy: here at once, as accounts of these customers, and in
 * HubSpot within moments. Each has an id that follows from the customer's: made twice, by whomever, it is one, and one that went is not made
 * again. Nothing while the policy is off.
 */
export const makeSomeTwins = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  portal: IntegrationRow,
  at: Date,
): Promise<Made> => {
  const place = { orgId: portal.org_id, integrationId: portal.id, type: 'companies' as const }
  const policy = await lockTwins(tx, place)
  if (!policy.isOn)
    return { trouble: 'Making companies is switched off for this connection. Switch it on first.' }
  if (!goesOut(portal)) return { trouble: 'The hub does not write to this portal. Let it, then try again.' }
  if (!portal.last_sync_at)
    return { trouble: 'Nobody knows yet which companies the portal has. Sync it first.' }
  const barred = (await writableProperties(tx, place, 'companies')).refusalOf(EXTERNAL_KEY)
  if (barred) return { trouble: `${barred.message} ${barred.fix}` }
  // In the order in which everybody takes them: records, then who is who. Nobody links one of these customers from here on.
  await takeTurnOf(tx, { connectionId: place.integrationId, type: place.type })
  await lockIdentities(tx, place.orgId)
  const makes: TwinFacts[] = []
  for await (const page of judgeTwins(tx, place, policy, portal.inclusion)) {
    makes.push(...page.makes)
    if (makes.length > AT_ONCE) break
  }
  const now = makes.slice(0, AT_ONCE)
  if (now.length > 0) await makeThem(tx, changeRecords, place, now, at)
  return { made: now.length, hasMore: makes.length > AT_ONCE }
}

const makeThem = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  place: { orgId: string; integrationId: string; type: 'companies' },
  customers: readonly TwinFacts[],
  at: Date,
): Promise<void> => {
  const { orgId, integrationId } = place
  const assumed = { createdate: at.toISOString() }
  const made = customers.map((customer) => ({ customer, companyId: twinOf(integrationId, customer.id) }))
  const creates = made.map(({ customer, companyId }) => ({
    localId: companyId,
    values: twinValues(customer),
    assumed,
  }))
  await changeRecords(tx, place, { creates }, at, { isUrgent: false })
  await moveAccounts(
    tx,
    orgId,
    made.map(({ customer, companyId }) => ({
      ...{ system: 'HUBSPOT' as const, account_id: companyId },
      ...{ customer_id: customer.id, linked_by: 'OPENED_FOR' as const },
    })),
  )
  const affected = made.flatMap(({ customer, companyId }) => [
    { id: customer.id, into: null },
    { id: customerOfCompany(orgId, companyId), into: customer.id },
  ])
  const states = await settleIdentities(tx, orgId, affected, at)
  await publish(tx, orgId, states.map(identityChanged), at)
}

/** The same, as somebody asks for who has looked at the preview. */
export const makeTwins = (
  ctx: Context,
  integrationId: string,
): Promise<
  | { integrationId: string; made: number; hasMore: boolean; receipt: Receipt }
  | InvalidRefusal
  | MissingRefusal
> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const [portal] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!portal || portal.disconnected_at) return missing('The HubSpot connection')
    const at = clock.now()
    const done = await makeSomeTwins(tx, ctx.changeRecords, portal, at)
    if ('trouble' in done) return invalid('integrationId', done.trouble)
    const subject = { type: 'HubSpotIntegration', id: integrationId }
    await audit(tx, { orgId, principal, action: 'makeTwins', subject, after: { made: done.made }, at })
    return { integrationId, ...done, receipt: await receiptOf(tx) }
  })
