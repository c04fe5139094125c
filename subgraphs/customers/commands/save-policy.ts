import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import {
  changeRules,
  checkRules,
  differences,
  type PolicyChange,
  type PolicyFault,
} from '../domain/changing-policy.ts'
import { moneyFields, type PolicyRules } from '../domain/policy.ts'
import { readPolicy } from '../domain/policy-document.ts'
import { lockIdentities } from '../store/identities.ts'
import { refreshCustomers } from '../store/identity-changes.ts'
import { lockIntegration } from '../store/integrations.ts'
import { mappingsOf, overridesOf } from '../store/mappings.ts'
import { addPolicy, type PolicyVersionRow, policyOf, sharedCustomers } from '../store/policies.ts'
import type { Transaction } from '../store/transaction.ts'

/** Customers that are told anew at a time which of their portals speaks first. */
const BATCH = 1_000

interface Held {
  current: PolicyVersionRow
  money: ReturnType<typeof moneyFields>
}

/**
 * Decides who wins where HubSpot and the hub have both changed something, from the next decision on. Saving what holds already makes
 * no version.
 */
export const savePolicy = (
  ctx: Context,
  {
    integrationId,
    expectedVersion,
    change,
  }: { integrationId: string; expectedVersion: number; change: PolicyChange },
): Promise<
  | { missing: true }
  | { fault: PolicyFault }
  | { currentVersion: number }
  | { policy: PolicyVersionRow; receipt: Receipt }
> =>
  ctx.write(async (tx) => {
    const held = await heldPolicy(tx, ctx.orgId, integrationId)
    if (!held) return { missing: true }
    const { current, money } = held
    if (current.version !== expectedVersion) return { currentVersion: current.version }
    const changed = changeRules(current.rules, change, money)
    if ('fault' in changed) return changed
    const policy = await keep(tx, ctx, 'savePolicy', current, changed.rules)
    return { policy, receipt: await receiptOf(tx) }
  })

/** Puts the rules of a file in the place of a portal's. @param ask.dryRun says what would happen and does nothing */
export const importPolicy = (
  ctx: Context,
  { integrationId, document, dryRun }: { integrationId: string; document: string; dryRun: boolean },
): Promise<
  | { missing: true }
  | { wrong: string }
  | { changed: number; policy: PolicyVersionRow; receipt: Receipt | null }
> =>
  ctx.write(async (tx) => {
    const held = await heldPolicy(tx, ctx.orgId, integrationId)
    if (!held) return { missing: true }
    const { current, money } = held
    const read = readPolicy(document)
    if ('wrong' in read) return read
    const checked = checkRules(read.rules, money)
    if ('fault' in checked) return { wrong: checked.fault.message }
    const changed = Object.keys(differences(current.rules, checked.rules)).length
    if (dryRun) return { changed, policy: current, receipt: null }
    const policy = await keep(tx, ctx, 'importPolicy', current, checked.rules)
    return { changed, policy, receipt: await receiptOf(tx) }
  })

/** A portal's policy, which nobody else changes until the transaction ends. */
const heldPolicy = async (
  tx: Transaction,
  orgId: string,
  integrationId: string,
): Promise<Held | undefined> => {
  const integration = isId(integrationId) ? await lockIntegration(tx, orgId, integrationId) : undefined
  if (!integration) return undefined
  const mappings = await mappingsOf(tx, orgId, [integrationId])
  return {
    current: await policyOf(tx, { orgId, integrationId }),
    money: moneyFields(overridesOf(mappings)),
  }
}

const keep = async (
  tx: Transaction,
  { orgId, principal, clock }: Context,
  action: string,
  current: PolicyVersionRow,
  rules: PolicyRules,
): Promise<PolicyVersionRow> => {
  const differing = differences(current.rules, rules)
  if (Object.keys(differing).length === 0) return current
  const at = clock.now()
  const { integrationId } = current
  const next = { integrationId, version: current.version + 1, rules, savedAt: at, savedBy: principal.id }
  await addPolicy(tx, orgId, next)
  if (rules.rank !== current.rules.rank) await speakInTurn(tx, { orgId, integrationId }, at)
  const side = (n: 0 | 1) =>
    Object.fromEntries(Object.entries(differing).map(([name, values]) => [name, values[n]]))
  await audit(tx, {
    orgId,
    principal,
    action,
    subject: { type: 'HubSpotIntegration', id: integrationId },
    before: { version: current.version, ...side(0) },
    after: { version: next.version, ...side(1) },
    at,
  })
  return next
}

/** Lets customers that several portals know say what the first of them says. */
const speakInTurn = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string },
  at: Date,
): Promise<void> => {
  await lockIdentities(tx, place.orgId)
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const ids = await sharedCustomers(tx, place, after, BATCH)
    await refreshCustomers(tx, place.orgId, ids, at)
    const last = ids.at(-1)
    if (last === undefined || ids.length < BATCH) return
    after = last
  }
}
