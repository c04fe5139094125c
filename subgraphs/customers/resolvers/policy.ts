import { changeOf, policyAnswers, policyPage } from '#control/answers/policy.ts'
import type { PolicyChange } from '#control/policy-rules.ts'
import type {
  HubSpotIntegrationResolvers,
  MutationResolvers,
  PolicyChangeInput,
  PolicyVersionResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { keyset } from '#service/connection.ts'
import { importPolicy, savePolicy, simulatePolicy } from '../commands/decide-policy.ts'
import type { Context } from '../context.ts'
import { RECORD_TYPES, type RecordType } from '../domain/kinds.ts'
import { DEFAULT_RULES, deletionPolicy, fieldPolicy, moneyFields } from '../domain/policy.ts'
import { POLICY_FORM } from '../domain/policy-document.ts'
import { objectOfType, type SyncedObject, typeOfSynced } from '../domain/showing-policy.ts'
import { type PolicyVersionRow, policyTable } from '../store/policies.ts'

/** A change as it is decided about. */
const changedBy = (changes: PolicyChangeInput): PolicyChange =>
  changeOf(changes, ({ objectType }: { objectType: SyncedObject }) => typeOfSynced(objectType), {
    clockToleranceMs: changes.clockToleranceMs,
    rank: changes.rank,
  })

const shownField = async (policy: PolicyVersionRow, type: RecordType, field: string, ctx: Context) => {
  const mapped = await ctx.mapped.load(policy.integrationId)
  const { word, owner, isDefault } = fieldPolicy(
    policy.rules,
    moneyFields(mapped?.overrides ?? {}),
    type,
    field,
  )
  return { objectType: objectOfType(type), field, policy: word, owner, isDefault }
}

export const PolicyVersion: PolicyVersionResolvers = {
  clockToleranceMs: ({ rules }) => rules.clockToleranceMs,
  rank: ({ rules }) => rules.rank,
  fields: (policy, { objectType }, ctx) =>
    Promise.all(
      (objectType ? [typeOfSynced(objectType)] : RECORD_TYPES).flatMap((type) =>
        Object.keys(policy.rules.fields[type] ?? {})
          .sort()
          .map((field) => shownField(policy, type, field, ctx)),
      ),
    ),
  defaults: () =>
    DEFAULT_RULES.map(({ type, field, word, because }) => ({
      objectType: type && objectOfType(type),
      field,
      policy: word,
      because,
    })),
  deletions: ({ rules }) =>
    RECORD_TYPES.map((type) => ({
      objectType: objectOfType(type),
      policy: deletionPolicy(rules, type),
      isDefault: rules.deletions[type] === undefined,
    })),
  policyOf: (policy, { objectType, field }, ctx) => shownField(policy, typeOfSynced(objectType), field, ctx),
}

/** Who wins, of a connection. */
export const policyFields = {
  policy: async ({ id = '' }, { version }, ctx) =>
    (await ctx.integrations.load(id)) ? ((await ctx.policies.load(id, version ?? null)) ?? null) : null,
  policyVersions: ({ id }, args, ctx) => policyPage(ctx, policyTable, id, args),
} satisfies HubSpotIntegrationResolvers

const answers = policyAnswers('HubSpot', 'HUBSPOT')

export const policyQueries = {
  exportPolicy: async (_, { integrationId }, ctx) => {
    const integration = await ctx.integrations.load(integrationId)
    const policy = integration && (await ctx.policies.load(integrationId, null))
    return policy ? answers.exported(policy, POLICY_FORM, integration.portal_id ?? integrationId) : null
  },

  simulatePolicy: async (_, { changes, since, until, integrationId, ...args }, ctx) => {
    const page = keyset(args, 2)
    const ask = { integrationId, change: changedBy(changes), since: since ?? null, until: until ?? null }
    const tried = await simulatePolicy(ctx, ask, page)
    return answers.tried(tried, page, 'PolicySimulation', (type) => ({
      objectType: objectOfType(type as RecordType),
    }))
  },
} satisfies QueryResolvers

export const policyMutations = {
  savePolicy: async (_, { changes, ...ask }, ctx) =>
    answers.saved(await savePolicy(ctx, { ...ask, change: changedBy(changes) }), 'PolicySaved'),
  importPolicy: async (_, ask, ctx) =>
    answers.imported(await importPolicy(ctx, ask), 'PolicyImported', ask.dryRun),
} satisfies MutationResolvers
