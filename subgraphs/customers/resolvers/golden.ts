import { BadInput } from '#kernel/errors.ts'
import type {
  CustomerResolvers,
  GoldenMoveResolvers,
  GoldenRulesResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { invalid, isRefusal, missing } from '#service/refusal.ts'
import { pinCustomerField, unpinCustomerField } from '../commands/pin-customer-field.ts'
import { previewGoldenRules } from '../commands/preview-golden-rules.ts'
import { restoreGoldenRules, setGoldenRules } from '../commands/set-golden-rules.ts'
import type { Context } from '../context.ts'
import {
  type Chosen,
  chooseValue,
  type DecidedRules,
  GOLDEN_FIELDS,
  type GoldenField,
  type GoldenRulesRow,
  KEPT_AS,
  type KeptField,
  keptValues,
  rulesWith,
  type SayingAccount,
} from '../domain/golden.ts'
import type { CustomerRow } from '../store/customers.ts'
import {
  FIRST_RULES,
  type GoldenVersionRow,
  goldenTurn,
  goldenVersions,
  newestGolden,
} from '../store/golden-rules.ts'
import { portalId } from '../store/portal-ids.ts'

const MOST_ALTERNATIVES = 50
const MOST_EXAMPLES = 200

const shownRules = (decided: DecidedRules) => {
  const rules = rulesWith(decided)
  return GOLDEN_FIELDS.map((field) => ({
    field,
    choose: rules[field].choose,
    systems: [...rules[field].systems],
    isDecided: field in decided,
  }))
}

const shownVersion = ({ version, rules, set_by, set_at, taken_from }: GoldenVersionRow) => ({
  ...{ version, rules: shownRules(rules), setBy: set_by, setAt: set_at, takenFrom: taken_from },
})

const rulesNow = async ({ db, orgId }: Context): Promise<GoldenRulesRow> => {
  const newest = await db.read(orgId, (tx) => newestGolden(tx, orgId))
  return { version: newest?.version ?? FIRST_RULES, decided: newest?.rules ?? {} }
}

export const GoldenRules: GoldenRulesResolvers = {
  rules: ({ decided }) => shownRules(decided),
  progress: async (_, __, { db, orgId }) => {
    const turn = await db.read(orgId, (tx) => goldenTurn(tx, orgId))
    if (!turn) return null
    const { total, done, moved, requested_at, finished_at } = turn
    return { total, done, moved, startedAt: requested_at, endedAt: finished_at }
  },
  versions: async (_, args, { db, orgId }) => {
    const page = keyset(args, 1)
    const before = page.after?.[0] ?? null
    if (before !== null && !Number.isInteger(before))
      throw BadInput.with({ field: 'after', reason: 'is not a cursor of this list' })
    const rows = await db.read(orgId, (tx) =>
      goldenVersions(tx, orgId, { before: before as number | null, limit: page.limit }),
    )
    const { nodes, edges, pageInfo } = connection(rows, page, ({ version }) => [version])
    return {
      nodes: nodes.map(shownVersion),
      edges: edges.map(({ node, cursor }) => ({ node: shownVersion(node), cursor })),
      pageInfo,
    }
  },
}

export const GoldenMove: GoldenMoveResolvers = {
  customer: ({ customerId }, _, ctx) => ctx.customers.load(customerId),
}

/** The value of one field that stands for a customer. */
export const goldenValue = async (
  customer: CustomerRow,
  field: GoldenField,
  ctx: Context,
): Promise<Chosen | null> => {
  const known = await ctx.standing.load(customer.id)
  return known ? chooseValue(field, known.rules[field], known.accounts, known.pins[field]) : null
}

const said = (account: SayingAccount, value: string) => ({
  value,
  system: account.system,
  accountId: portalId(account.externalId),
  observedAt: account.observedAt,
})

const sourcesOf = async (customer: CustomerRow, fields: readonly GoldenField[], ctx: Context) => {
  const known = await ctx.standing.load(customer.id)
  if (!known) return []
  const { accounts, rules, pins: pinned } = known
  const pins = (await ctx.pins.load(customer.id)) ?? []
  const kept = keptValues(known, rules)
  return fields.map((field) => {
    const { value, account, isPinned } = chooseValue(field, rules[field], accounts, pinned[field])
    const pin = pins.find((each) => each.field === field)
    const others = accounts.flatMap((each) => {
      const other = each.says[field]
      return each === account || other == null ? [] : [said(each, other)]
    })
    return {
      ...{ field, isPinned, pinnedBy: pin?.pinned_by ?? null, pinnedAt: pin?.pinned_at ?? null },
      value: value ?? (field in KEPT_AS ? kept[KEPT_AS[field as KeptField]] : null),
      rule: {
        field,
        ...rules[field],
        systems: [...rules[field].systems],
        isDecided: isDecided(field, rules),
      },
      said: account && value !== null ? said(account, value) : null,
      alternatives: others.slice(0, MOST_ALTERNATIVES),
    }
  })
}

const isDecided = (field: GoldenField, rules: ReturnType<typeof rulesWith>): boolean =>
  rules[field] !== rulesWith({})[field]

export const goldenFields = {
  fieldSources: (customer, { fields }, ctx) =>
    sourcesOf(customer, [...new Set(fields ?? GOLDEN_FIELDS)], ctx),
} satisfies CustomerResolvers

export const goldenQueries = {
  goldenRules: (_, __, ctx) => rulesNow(ctx),
  previewGoldenRules: async (_, { rules, first }, ctx) => {
    if (first < 0 || first > MOST_EXAMPLES)
      return invalid('first', `Ask for at most ${MOST_EXAMPLES} examples.`)
    const preview = await previewGoldenRules(ctx, rules, first)
    if ('invalid' in preview) return invalid('rules', preview.invalid)
    const { moves, ...counts } = preview
    return { __typename: 'GoldenPreview', ...counts, examples: moves }
  },
} satisfies QueryResolvers

const rulesSet = async (ctx: Context, answer: Awaited<ReturnType<typeof setGoldenRules>>) =>
  isRefusal(answer)
    ? answer
    : { __typename: 'GoldenRulesSet' as const, goldenRules: await rulesNow(ctx), receipt: answer.receipt }

const fieldPinned = async (
  ctx: Context,
  field: GoldenField,
  answer: Awaited<ReturnType<typeof pinCustomerField>>,
) => {
  if (isRefusal(answer)) return answer.__typename === 'Stale' ? missing('The customer') : answer
  const customer = await ctx.customers.load(answer.customerId)
  const [source] = customer ? await sourcesOf(customer, [field], ctx) : []
  // Gone in the moment since: its last account was taken away.
  if (!customer || !source) return missing('The customer')
  return { __typename: 'CustomerFieldPinned' as const, customer, source, receipt: answer.receipt }
}

export const goldenMutations = {
  setGoldenRules: async (_, ask, ctx) => rulesSet(ctx, await setGoldenRules(ctx, ask)),
  restoreGoldenRules: async (_, ask, ctx) => rulesSet(ctx, await restoreGoldenRules(ctx, ask)),
  pinCustomerField: async (_, ask, ctx) => fieldPinned(ctx, ask.field, await pinCustomerField(ctx, ask)),
  unpinCustomerField: async (_, ask, ctx) => fieldPinned(ctx, ask.field, await unpinCustomerField(ctx, ask)),
} satisfies MutationResolvers
