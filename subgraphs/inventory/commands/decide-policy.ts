import { importPolicy as importing, type Policing, savePolicy as saving } from '#control/save-policy.ts'
import { simulatePolicy as simulating } from '#control/simulate-policy.ts'
import { POLICY_CHECKS, type PolicyRules, tableOf } from '../domain/policy.ts'
import { POLICY_FORM } from '../domain/policy-document.ts'
import { integrationsOf, lockIntegration } from '../store/integrations.ts'
import { policyTable } from '../store/policies.ts'
import { asTransaction } from '../store/transaction.ts'
import { telling } from './control-sync.ts'

const c3: Policing<PolicyRules, true> = {
  ...telling,
  integration: 'C3Integration',
  versions: policyTable,
  // What rules may be is the same for every C3.
  around: async (raw, { orgId, integrationId }, locks) => {
    const tx = asTransaction(raw)
    const found = locks
      ? await lockIntegration(tx, orgId, integrationId)
      : (await integrationsOf(tx, orgId, [integrationId]))[0]
    return found ? true : undefined
  },
  checks: () => POLICY_CHECKS,
}

/** Who wins where C3 and the hub have both changed something. */
export const savePolicy = saving(c3)
export const importPolicy = importing({ ...c3, form: POLICY_FORM })
export const simulatePolicy = simulating({ ...c3, table: tableOf })
