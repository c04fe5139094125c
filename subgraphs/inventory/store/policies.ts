import { type PolicyVersion, policyVersionsIn } from '#control/policy-versions.ts'
import { NO_RULES, type PolicyRules } from '../domain/policy.ts'

/** Who wins at a connection, as it held from one change to the next. */
export type C3PolicyVersionRow = PolicyVersion<PolicyRules>

export const policyTable = policyVersionsIn<PolicyRules>('inventory.policies', NO_RULES)
export const { policiesOf, policyOf, policyVersions } = policyTable
