import { isId } from '#kernel/ids.ts'
import type {
  HubSpotIntegrationResolvers,
  MutationResolvers,
  PolicyChangeInput,
  PolicyVersionResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { invalid, missing, stale } from '#service/refusal.ts'
import { importPolicy, savePolicy } from '../commands/save-policy.ts'
import { simulatePolicy } from '../commands/simulate-policy.ts'
import type { Context } from '../context.ts'
import type { PolicyChange } from '../domain/changing-policy.ts'
import { RECORD_TYPES, type RecordType } from '../domain/kinds.ts'
import { DEFAULT_RULES, deletionPolicy, fieldPolicy, moneyFields } from '../domain/policy.ts'
import { writePolicy } from '../domain/policy-document.ts'
import { objectOfType, typeOfSynced } from '../domain/showing-policy.ts'
import type { Redecided } from '../store/conflicts.ts'
import { listPolicies, type PolicyVersionRow } from '../store/policies.ts'

/** A change as the domain knows it. */
export const changeOf = (changes: PolicyChangeInput): PolicyChange => ({
  fields: (changes.fields ?? []).map(({ objectType, field, policy }) => ({
    type: typeOfSynced(objectType),
    field,
    word: policy ?? null,
  })),
  deletions: (changes.deletions ?? []).map(({ objectType, policy }) => ({
    type: typeOfSynced(objectType),
    word: policy ?? null,
  })),
  clockToleranceMs: changes.clockToleranceMs ?? null,
  rank: changes.rank ?? null,
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
  policyVersions: async ({ id = '' }, args, ctx) => {
    const page = keyset(args, 1)
    const after = page.after === null ? null : Number(page.after[0])
    const place = { orgId: ctx.orgId, integrationId: id }
    const rows = isId(id)
      ? await ctx.db.read(ctx.orgId, (tx) => listPolicies(tx, place, { limit: page.limit, after }))
      : []
    return connection(rows, page, (row) => [row.version])
  },
} satisfies HubSpotIntegrationResolvers

const NO_CONNECTION = 'The HubSpot connection'
const MOST_DIFFERENCES = 500
const DECIDED = { theirs: 'HUBSPOT', ours: 'HUB', merged: 'MERGED', open: 'OPEN' } as const

export const policyQueries = {
  exportPolicy: async (_, { integrationId }, ctx) => {
    const integration = await ctx.integrations.load(integrationId)
    const policy = integration && (await ctx.policies.load(integrationId, null))
    if (!policy) return null
    return {
      fileName: `policy-${integration.portal_id ?? integrationId}.json`,
      document: writePolicy(policy.rules),
    }
  },

  simulatePolicy: async (_, { changes, since, until, integrationId, ...args }, ctx) => {
    const page = keyset(args, 2)
    const ask = { integrationId, change: changeOf(changes), since: since ?? null, until: until ?? null }
    const made = await simulatePolicy(ctx, ask, page)
    if ('missing' in made) return missing(NO_CONNECTION)
    if ('fault' in made) return invalid(made.fault.where, made.fault.message)
    const examples = connection(made.examples, page, ({ contested: { decidedAt, id } }) => [
      decidedAt.toISOString(),
      id,
    ])
    const shown = ({ contested, was, wouldBe }: Redecided) => ({
      conflictId: contested.id,
      conflict: contested,
      was: DECIDED[was],
      wouldBe: DECIDED[wouldBe],
    })
    return {
      __typename: 'PolicySimulation',
      ...made,
      differences: made.differences.slice(0, MOST_DIFFERENCES).map(({ type, was, wouldBe, ...each }) => ({
        ...each,
        objectType: objectOfType(type as RecordType),
        was: DECIDED[was],
        wouldBe: DECIDED[wouldBe],
      })),
      examples: {
        ...examples,
        nodes: examples.nodes.map(shown),
        edges: examples.edges.map(({ node, cursor }) => ({ node: shown(node), cursor })),
      },
    }
  },
} satisfies QueryResolvers

export const policyMutations = {
  savePolicy: async (_, { changes, ...ask }, ctx) => {
    const saved = await savePolicy(ctx, { ...ask, change: changeOf(changes) })
    if ('missing' in saved) return missing(NO_CONNECTION)
    if ('currentVersion' in saved) return stale('The policy', saved.currentVersion)
    if ('fault' in saved) return invalid(saved.fault.where, saved.fault.message)
    return { __typename: 'PolicySaved', ...saved }
  },
  importPolicy: async (_, ask, ctx) => {
    const done = await importPolicy(ctx, ask)
    if ('missing' in done) return missing(NO_CONNECTION)
    if ('wrong' in done) return invalid('document', done.wrong)
    return { __typename: 'PolicyImported', dryRun: ask.dryRun, ...done }
  },
} satisfies MutationResolvers
