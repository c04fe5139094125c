import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Rfq } from '#connectors/c3/index.ts'
import type { Principal } from '#kernel/principal.ts'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { type C3Bed, type C3Options, importedC3 } from '#test/kit/c3.ts'
import { askSubgraph, DEMO, principal, startWith, TEST_KEY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

const ITEM = `direction type recordId action state reason fields { field from to theirs outcome } movedTo { action fields { field to } }`
const PLAN = `mutation ($types: [String!], $mode: SyncMode! = INCREMENTAL) { planC3Sync(types: $types, mode: $mode) { __typename
  ... on PlanStarted { plan { id } run { id purpose } } ... on Refusal { code message } } }`
const SHOWN = `query ($id: ID!) { c3SyncPlan(id: $id) { id state hash undoes counts { direction type action records } items(first: 100) { nodes { ${ITEM} } } } }`
const APPROVE = `mutation ($id: ID!, $hash: String!) { approveC3Plan(planId: $id, hash: $hash) { __typename
  ... on PlanApproved { run { id purpose } } ... on PlanMoved { code items { ${ITEM} } } ... on Refusal { message } } }`
const UNDO = `mutation ($id: ID!) { undoC3Run(runId: $id) { __typename ... on PlanStarted { plan { id } } ... on Refusal { code message } } }`
const CONFLICTS = `query ($filter: C3ConflictFilter) { c3Conflicts(filter: $filter) { totalCount nodes { id version type recordId hubId field state outcome
  personal masked agreed { text } c3 { text } hub { text } chosen { text } policy wouldHave } } }`
const RESOLVE = `mutation ($id: ID!, $choice: C3ConflictChoice!, $value: String, $version: Int!) {
  resolveC3Conflict(id: $id, choice: $choice, value: $value, expectedVersion: $version) { __typename
    ... on C3ConflictResolved { conflict { state outcome version chosen { text } } } ... on Stale { code currentVersion } ... on Refusal { message } } }`

/** A plan's item as the graph shows it. */
export interface ShownItem {
  direction: string
  type: string
  recordId: string
  action: string
  state: string
  reason: string | null
  fields: { field: string; from: string | null; to: string | null; theirs: string | null }[]
  movedTo: { action: string | null; fields: { field: string; to: string | null }[] } | null
}
/** A plan as the graph shows it. */
export interface ShownPlan {
  id: string
  state: string
  hash: string
  undoes: string | null
  counts: { direction: string; type: string; action: string; records: number }[]
  items: { nodes: ShownItem[] }
}
/** A conflict as the graph shows it. */
export interface ShownConflict {
  id: string
  version: number
  recordId: string
  field: string
  state: string
  c3: { text: string | null } | null
  hub: { text: string | null } | null
}

/** An imported C3, whoever is to be at work on it, and the graph to ask. */
export const askedC3 = async (options: C3Options, others: Parameters<typeof importedC3>[1] = []) => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await importedC3(options, others))
  const { clock, test } = bed
  const { url } = stack.use(
    await startInventory({
      ...startWith(test.urls, { worker: false, clock }),
      ...{ encryptionKeys: [TEST_KEY] },
    }),
  )
  const answered = (query: string, variables: object = {}, caller: Principal = principal(DEMO)) =>
    askSubgraph(url, query, { ...variables }, caller)
  const ask = async (query: string, variables: object = {}, caller?: Principal) => {
    const answer = await answered(query, variables, caller)
    expect(answer.errors).toBeUndefined()
    return answer.data
  }
  const ready = (id: string): Promise<ShownPlan> =>
    until(async () => {
      const { c3SyncPlan } = await ask(SHOWN, { id })
      return c3SyncPlan.state === 'MAKING' ? undefined : c3SyncPlan
    })
  const all = stack.move()
  return {
    ...bed,
    /** What it answers, refusals to show anything included. */
    answered,
    /** What it answers to a question that nothing is wrong with. */
    ask,
    /** Has a plan made, and waits until it is whole. */
    planned: async (variables: object = {}): Promise<ShownPlan> => {
      const { planC3Sync } = await ask(PLAN, variables)
      expect(planC3Sync).toMatchObject({ __typename: 'PlanStarted', run: { purpose: 'PLAN' } })
      return await ready(planC3Sync.plan.id)
    },
    plan: (id: string) => ready(id),
    approve: async ({ id, hash }: ShownPlan) => (await ask(APPROVE, { id, hash })).approveC3Plan,
    undo: async (runId: string) => (await ask(UNDO, { id: runId })).undoC3Run,
    conflicts: async (filter: object = {}): Promise<ShownConflict[]> =>
      (await ask(CONFLICTS, { filter: { state: 'OPEN', ...filter } })).c3Conflicts.nodes,
    resolve: async ({ id, version }: Pick<ShownConflict, 'id' | 'version'>, choice: string, value?: string) =>
      (await ask(RESOLVE, { id, version, choice, value })).resolveC3Conflict,
    /** What was done by whom, as the audit has it, by action. */
    audited: (action: string) =>
      bed.select<{ subject_type: string; diff: object }>(
        sql`select subject_type, diff from service.audit_log where action = ${action} order by id`,
      ),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type AskedC3 = Awaited<ReturnType<typeof askedC3>>

/** Requests that nobody has answered yet, last changed an hour ago, so that what is said of them now is news. */
export const openRequests = async (bed: C3Bed, count: number): Promise<Rfq[]> => {
  const updatedAt = new Date(bed.clock.now().getTime() - 3_600_000).toISOString()
  const line = { partNumber: 'LM317T', manufacturer: '', quantity: 10, targetPrice: null, unitPrice: null }
  const lines = [1, 2].map((n) => ({ ...line, line: n }))
  const ids = (await bed.records('rfqs')).slice(0, count).map(({ rfqId }) => rfqId)
  for (const rfqId of ids)
    await bed.sim('records/rfqs', { rfqId, status: 'NEW', lines, note: null, buyer: null, updatedAt })
  return (await bed.records('rfqs')).filter(({ rfqId }) => ids.includes(rfqId))
}
