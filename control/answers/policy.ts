import { type Connection, connection, type Keyset, keyset, type PageArgs } from '#service/connection.ts'
import { invalid, missing, stale } from '#service/refusal.ts'
import type { Decided, Redecided } from '#sync/simulate.ts'
import type { PolicyChange, Rules } from '../policy-rules.ts'
import type { PolicyVersion, PolicyVersions } from '../policy-versions.ts'
import type { PolicyImported, PolicySaved } from '../save-policy.ts'
import { type FileForm, writeFile } from '../settings-file.ts'
import type { PolicyTried } from '../simulate-policy.ts'
import type { Asking } from '../vendor.ts'
import { own } from './asked.ts'

interface AskedRule {
  field: string
  policy?: string | null
}
interface AskedChange<Rule, Deletion> {
  fields?: readonly (Rule & AskedRule)[] | null
  deletions?: readonly (Deletion & Pick<AskedRule, 'policy'>)[] | null
}

/** A change as somebody says it. @param typeOf the kind of record that a rule is about */
export const changeOf = <Rule>(
  { fields, deletions }: AskedChange<Rule, Rule>,
  typeOf: (rule: Rule) => string,
  numbers: Readonly<Record<string, number | null | undefined>>,
): PolicyChange => ({
  fields: (fields ?? []).map((rule) => ({
    type: typeOf(rule),
    field: rule.field,
    word: rule.policy ?? null,
  })),
  deletions: (deletions ?? []).map((rule) => ({ type: typeOf(rule), word: rule.policy ?? null })),
  numbers: Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, value ?? null])),
})

/** The versions of a connection's policy, newest first. */
export const policyPage = async <R extends Rules>(
  ctx: Asking,
  { listPolicies }: PolicyVersions<R>,
  integrationId: string | undefined,
  args: PageArgs,
): Promise<Connection<PolicyVersion<R>>> => {
  const page = keyset(args, 1)
  const after = page.after === null ? null : Number(page.after[0])
  const id = own(integrationId)
  const rows = id
    ? await ctx.db.read(ctx.orgId, (tx) =>
        listPolicies(tx, { orgId: ctx.orgId, integrationId: id }, { limit: page.limit, after }),
      )
    : []
  return connection(rows, page, (row) => [row.version])
}

/** How rules are written to a file: what of them is kept there. */
interface PolicyForm<R extends Rules> extends Pick<FileForm<R>, 'format'> {
  kept(rules: R): Readonly<Record<string, unknown>>
}

const MOST_DIFFERENCES = 500

/** What saving, importing and trying a policy answers. */
export const policyAnswers = <System extends string>(vendor: string, system: System) => {
  const NO_CONNECTION = `The ${vendor} connection`
  const DECIDED: Readonly<Record<Decided, System | 'HUB' | 'MERGED' | 'OPEN'>> = {
    ...{ theirs: system, ours: 'HUB', merged: 'MERGED', open: 'OPEN' },
  }
  const shownExample = ({ contested, was, wouldBe }: Redecided) => ({
    conflictId: contested.id,
    conflict: contested,
    was: DECIDED[was],
    wouldBe: DECIDED[wouldBe],
  })
  return {
    saved: <R extends Rules, Name extends string>(saved: PolicySaved<R>, name: Name) => {
      if ('missing' in saved) return missing(NO_CONNECTION)
      if ('currentVersion' in saved) return stale('The policy', saved.currentVersion)
      if ('fault' in saved) return invalid(saved.fault.where, saved.fault.message)
      return { __typename: name, ...saved }
    },

    /** @param account whose it is, for the file's name */
    exported: <R extends Rules>(policy: PolicyVersion<R>, form: PolicyForm<R>, account: string) => ({
      fileName: `policy-${account}.json`,
      document: writeFile(form, form.kept(policy.rules)),
    }),

    imported: <R extends Rules, Name extends string>(
      done: PolicyImported<R>,
      name: Name,
      dryRun: boolean,
    ) => {
      if ('missing' in done) return missing(NO_CONNECTION)
      if ('wrong' in done) return invalid('document', done.wrong)
      return { __typename: name, dryRun, ...done }
    },

    /** @param typed how a kind of record is shown */
    tried: <Name extends string, Typed extends object>(
      tried: PolicyTried,
      page: Keyset,
      name: Name,
      typed: (type: string) => Typed,
    ) => {
      if ('missing' in tried) return missing(NO_CONNECTION)
      if ('fault' in tried) return invalid(tried.fault.where, tried.fault.message)
      const examples = connection(tried.examples, page, ({ contested: { decidedAt, id } }) => [
        decidedAt.toISOString(),
        id,
      ])
      return {
        __typename: name,
        ...tried,
        differences: tried.differences.slice(0, MOST_DIFFERENCES).map(({ type, was, wouldBe, ...each }) => ({
          ...each,
          ...typed(type),
          was: DECIDED[was],
          wouldBe: DECIDED[wouldBe],
        })),
        examples: {
          ...examples,
          nodes: examples.nodes.map(shownExample),
          edges: examples.edges.map(({ node, cursor }) => ({ node: shownExample(node), cursor })),
        },
      }
    },
  }
}
