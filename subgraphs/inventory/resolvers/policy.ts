import { changeOf, policyAnswers, policyPage } from '#control/answers/policy.ts'
import type {
  C3PolicyChangeInput,
  C3PolicyVersionResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/inventory.types.ts'
import { chosen } from '#service/choosing.ts'
import { keyset } from '#service/connection.ts'
import { importPolicy, savePolicy, simulatePolicy } from '../commands/decide-policy.ts'
import type { Context } from '../context.ts'
import { DEFAULT_RULES, fieldPolicy, type PolicyRules } from '../domain/policy.ts'
import { POLICY_FORM } from '../domain/policy-document.ts'
import { integrationsOf } from '../store/integrations.ts'
import { policyTable } from '../store/policies.ts'

const changedBy = ({ fields, clockToleranceMs }: C3PolicyChangeInput) =>
  changeOf({ fields }, ({ type }: { type: string }) => type, { clockToleranceMs })

const shownField = (rules: PolicyRules, type: string, field: string) => {
  const { word, isDefault } = fieldPolicy(rules, type, field)
  return { type, field, policy: word, isDefault }
}

export const C3PolicyVersion: C3PolicyVersionResolvers = {
  clockToleranceMs: ({ rules }) => rules.clockToleranceMs,
  fields: ({ rules }, { type }) =>
    Object.entries(rules.fields)
      .filter(([of]) => !type || of === type)
      .flatMap(([of, words]) =>
        Object.keys(words ?? {})
          .sort()
          .map((field) => shownField(rules, of, field)),
      ),
  defaults: () => DEFAULT_RULES.map(({ word, ...rule }) => ({ ...rule, policy: word })),
  policyOf: ({ rules }, { type, field }) => shownField(rules, type, field),
}

/** The connection that somebody means; undefined when there is none, or not one alone. */
const connectionOf = async (ctx: Context, id: string | null | undefined): Promise<string | undefined> => {
  const found = chosen(await ctx.db.read(ctx.orgId, (tx) => integrationsOf(tx, ctx.orgId)), id ?? null)
  return found === 'ambiguous' ? undefined : found?.id
}

const answers = policyAnswers('C3', 'C3')

export const policyQueries = {
  c3Policy: async (_, { integrationId, version }, ctx) => {
    const id = await connectionOf(ctx, integrationId)
    return id ? ((await ctx.policies.load(id, version ?? null)) ?? null) : null
  },

  c3PolicyVersions: async (_, { integrationId, ...args }, ctx) =>
    policyPage(ctx, policyTable, await connectionOf(ctx, integrationId), args),

  exportC3Policy: async (_, { integrationId }, ctx) => {
    const integration = await ctx.integrations.load(integrationId)
    const policy = integration && (await ctx.policies.load(integrationId, null))
    return policy
      ? answers.exported(policy, POLICY_FORM, `c3-${integration.accountId ?? integrationId}`)
      : null
  },

  simulateC3Policy: async (_, { changes, since, until, integrationId, ...args }, ctx) => {
    const page = keyset(args, 2)
    const ask = { integrationId, change: changedBy(changes), since: since ?? null, until: until ?? null }
    const tried = await simulatePolicy(ctx, ask, page)
    return answers.tried(tried, page, 'C3PolicySimulation', (type) => ({ type }))
  },
} satisfies QueryResolvers

export const policyMutations = {
  saveC3Policy: async (_, { changes, ...ask }, ctx) =>
    answers.saved(await savePolicy(ctx, { ...ask, change: changedBy(changes) }), 'C3PolicySaved'),
  importC3Policy: async (_, ask, ctx) =>
    answers.imported(await importPolicy(ctx, ask), 'C3PolicyImported', ask.dryRun),
} satisfies MutationResolvers
