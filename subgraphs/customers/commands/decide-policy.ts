import type { PolicyPlace } from '#control/policy-versions.ts'
import { importPolicy as importing, type Policing, savePolicy as saving } from '#control/save-policy.ts'
import { simulatePolicy as simulating } from '#control/simulate-policy.ts'
import { NO_ID } from '#kernel/ids.ts'
import { policyChecks } from '../domain/checking-policy.ts'
import { type MoneyFields, moneyFields, type PolicyRules, tableOf } from '../domain/policy.ts'
import { POLICY_FORM } from '../domain/policy-document.ts'
import { refreshCustomers } from '../store/golden.ts'
import { lockIdentities } from '../store/identities.ts'
import { integrationsOf, lockIntegration } from '../store/integrations.ts'
import { mappingsOf, overridesOf } from '../store/mappings.ts'
import { policyTable, rankPortal, sharedCustomers } from '../store/policies.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { telling } from './control-sync.ts'

/** Customers that are told anew at a time which of their portals speaks first. */
const BATCH = 1_000

/** Lets customers that several portals know say what the first of them says. */
const speakInTurn = async (tx: Transaction, place: PolicyPlace, at: Date): Promise<void> => {
  await lockIdentities(tx, place.orgId)
  let after = NO_ID
  for (;;) {
    const ids = await sharedCustomers(tx, place, after, BATCH)
    await refreshCustomers(tx, place.orgId, ids, at)
    const last = ids.at(-1)
    if (last === undefined || ids.length < BATCH) return
    after = last
  }
}

const hubSpot = {
  ...telling,
  integration: 'HubSpotIntegration',
  versions: policyTable,
  // What a portal's rules may be depends on which of its properties are money.
  around: async (raw, { orgId, integrationId }, locks) => {
    const tx = asTransaction(raw)
    const integration = locks
      ? await lockIntegration(tx, orgId, integrationId)
      : (await integrationsOf(tx, orgId, [integrationId]))[0]
    return integration && moneyFields(overridesOf(await mappingsOf(tx, orgId, [integrationId])))
  },
  checks: policyChecks,
  changed: async (raw, place, { before, after }, at) => {
    if (before.rank === after.rank) return
    const tx = asTransaction(raw)
    await rankPortal(tx, place, after.rank)
    await speakInTurn(tx, place, at)
  },
} satisfies Policing<PolicyRules, MoneyFields>

/** Who wins where HubSpot and the hub have both changed something. */
export const savePolicy = saving(hubSpot)
export const importPolicy = importing({ ...hubSpot, form: POLICY_FORM })
export const simulatePolicy = simulating({ ...hubSpot, table: tableOf })
