import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { invalid, missing, stale } from '#service/refusal.ts'
import { setCompanyKinds } from '../commands/set-company-kinds.ts'
import { setRenewalStages } from '../commands/set-renewal-stages.ts'
import { kindProperty } from './company-kind-rules.ts'

/** Changes of what a portal's own words mean here. */
export const ruleMutations = {
  setCompanyKinds: async (_, { rules, ...ask }, ctx) => {
    const set = await setCompanyKinds(ctx, {
      ...ask,
      rules: rules.map(({ property, value, kind }) => ({
        property: kindProperty(property),
        value,
        kind: kind ?? null,
      })),
    })
    if ('missing' in set) return missing(set.missing)
    if ('invalid' in set) return invalid('rules', set.invalid)
    if ('currentVersion' in set) return stale('What words make companies', set.currentVersion)
    return { __typename: 'CompanyKindsSet', integration: { id: ask.integrationId }, receipt: set.receipt }
  },

  setRenewalStages: async (_, { stages, ...ask }, ctx) => {
    const set = await setRenewalStages(ctx, {
      ...ask,
      stages: stages.map((stage) => ({ ...stage, renewalStage: stage.renewalStage ?? null })),
    })
    if ('missing' in set) return missing(set.missing)
    if ('invalid' in set) return invalid('stages', set.invalid)
    if ('currentVersion' in set) return stale('What stages say of renewals', set.currentVersion)
    return { __typename: 'RenewalStagesSet', integration: { id: ask.integrationId }, receipt: set.receipt }
  },
} satisfies MutationResolvers
