import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type AssignmentRule, faultOfRules } from '../domain/assignment.ts'
import {
  activeOwners,
  assignmentRulesOf,
  unownedContacts,
  writeAssignmentRules,
} from '../store/assignment-rules.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { lockRules, raiseRules } from '../store/rule-versions.ts'
import type { Transaction } from '../store/transaction.ts'
import { assignContacts, assigns, CONTACTS_AT_ONCE } from './assign-contacts.ts'
import { beginAssigning } from './begin-assigning.ts'

/**
 * Decides to whom a portal's contacts are given. Where that is switched on, those that nobody looks after follow at once. Deciding
 * what is decided already changes nothing.
 */
export const setAssignmentRules = (
  ctx: Context,
  ask: { integrationId: string; expectedVersion: number; rules: readonly AssignmentRule[] },
): Promise<{ integrationId: string; assigned: number; receipt: Receipt } | Refusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const { integrationId, rules } = ask
    const [portal] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!portal || portal.disconnected_at) return missing('The HubSpot connection')
    const place = { orgId, integrationId }
    const version = await lockRules(tx, place, 'ASSIGNMENT')
    if (version !== ask.expectedVersion) return stale('To whom contacts are given', version)
    const fault = await rulesFault(tx, place, rules)
    if (fault) return invalid('rules', fault)
    const before = ((await assignmentRulesOf(tx, orgId, [integrationId])).get(integrationId) ?? []).map(bare)
    const after = rules.map(bare)
    if (JSON.stringify(before) === JSON.stringify(after))
      return { integrationId, assigned: 0, receipt: await receiptOf(tx) }
    const at = clock.now()
    await writeAssignmentRules(tx, place, after)
    await raiseRules(tx, place, 'ASSIGNMENT', at)
    const assigned = await assignFirst(tx, ctx, portal, at)
    const subject = { type: 'HubSpotIntegration', id: integrationId }
    const change = { before: { assignmentRules: before }, after: { assignmentRules: after } }
    await audit(tx, { orgId, principal, action: 'setAssignmentRules', subject, ...change, at })
    return { integrationId, assigned, receipt: await receiptOf(tx) }
  })

/** The first of them while somebody waits; the others follow in the background. */
const assignFirst = async (
  tx: Transaction,
  { orgId, jobs, changeRecords }: Context,
  portal: IntegrationRow,
  at: Date,
): Promise<number> => {
  if (!assigns(portal)) return 0
  const place = { orgId, integrationId: portal.id }
  const first = await unownedContacts(tx, place, { after: null, limit: CONTACTS_AT_ONCE })
  const ids = first.map(({ id }) => id)
  const assigned = await assignContacts(tx, changeRecords, { portal, ids, at })
  const after = ids.at(-1) ?? null
  if (ids.length === CONTACTS_AT_ONCE) await beginAssigning(tx, jobs, { ...place, at, after })
  return assigned
}

const bare = ({ territories, industries, ownerId }: AssignmentRule): AssignmentRule => ({
  territories: territories.map((word) => word.trim()),
  industries: industries.map((word) => word.trim()),
  ownerId,
})

/** What is wrong with rules, for people: also that they name somebody who is not, or no longer, there. */
export const rulesFault = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string },
  rules: readonly AssignmentRule[],
): Promise<string | undefined> => {
  const ids = rules.map(({ ownerId }) => ownerId)
  if (!ids.every(isId)) return 'An owner is not a colleague of this portal.'
  const owners = await activeOwners(tx, place, ids)
  return ids.every((id) => owners.has(id))
    ? faultOfRules(rules)
    : 'An owner is not a colleague of this portal.'
}
