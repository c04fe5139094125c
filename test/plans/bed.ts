import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Principal } from '#kernel/principal.ts'
import { openPortalRun } from '#subgraphs/customers/sync/open.ts'
import { openPortals } from '#subgraphs/customers/sync/portals.ts'
import type { Opened } from '#sync/execute.ts'
import type { SourceType } from '#sync/source.ts'
import { type CustomersBed, customersBed, ORG, type PortalOptions, worker } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { silentLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'

/** A simulated portal, a database connected to it, and the graph to ask; no worker yet. */
export const plansBed = async (options: PortalOptions) => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed(options))
  const { ask } = stack.use(await graphOf(bed.test, { clock: bed.clock }))
  const all = stack.move()
  return {
    ...bed,
    ask,
    askRun: bed.ask,
    /** The run, once it stands so. */
    stands: (id: string, ...states: string[]) =>
      until(async () => {
        const run = await bed.progress(id)
        return run && states.includes(run.state) ? run : undefined
      }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type PlansBed = Awaited<ReturnType<typeof plansBed>>

/** How many live links there are of a type. */
export const live = async ({ database }: CustomersBed, type: string): Promise<number> => {
  const { rows } = await database.read(ORG, (tx) =>
    sql<{
      n: number
    }>`select count(*)::integer as n from sync.links where type = ${type} and gone_at is null`.execute(tx),
  )
  return rows[0]?.n ?? 0
}

/** How many companies the hub holds with this value. */
export const companiesWith = async (
  { database }: CustomersBed,
  field: string,
  value: string,
): Promise<number> => {
  const { rows } = await database.read(ORG, (tx) =>
    sql<{ n: number }>`select count(*)::integer as n from customers.companies
      where properties ->> ${field} = ${value} and gone_at is null`.execute(tx),
  )
  return rows[0]?.n ?? 0
}

const PLAN = `mutation ($types: [String!], $mode: SyncMode! = FULL) { planSync(types: $types, mode: $mode) { __typename
  ... on PlanStarted { plan { id state } run { id purpose planId } } ... on Refusal { code message } } }`
const SHOWN = `query ($id: ID!, $filter: SyncPlanItemFilter, $first: Int! = 200, $after: Cursor) { syncPlan(id: $id) { id state hash apiCalls undoes applyRunId alsoWaiting { type records }
  counts { direction type action records }
  items(filter: $filter, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { direction type recordId localId action reason state sourceModifiedAt hubVersion
    fields { field from to theirs outcome } movedTo { action fields { field to } } } } } }`
export const APPROVE = `mutation ($id: ID!, $hash: String!) { approvePlan(planId: $id, hash: $hash) { __typename
  ... on PlanApproved { plan { id state } run { id purpose planId } }
  ... on PlanMoved { code plan { state } items { recordId action state movedTo { action fields { field to } } } }
  ... on Invalid { field message } ... on Missing { message } } }`

/** An item as the graph shows it. */
export interface ShownItem {
  direction: string
  type: string
  recordId: string
  localId: string | null
  action: string
  reason: string | null
  state: string
  fields: {
    field: string
    from: string | null
    to: string | null
    theirs: string | null
    outcome: string | null
  }[]
  movedTo: { action: string | null; fields: { field: string; to: string | null }[] } | null
}

/** Asks for a plan, and waits until it is whole. A worker has to be there. */
export const planned = async (bed: PlansBed, variables: object = {}) => {
  const { planSync } = await bed.ask(PLAN, variables)
  expect(planSync).toMatchObject({ __typename: 'PlanStarted', run: { purpose: 'PLAN' } })
  return await ready(bed, planSync.plan.id)
}

/** The plan, once it is no longer being made. */
export const ready = (bed: PlansBed, id: string) =>
  until(async () => {
    const plan = await shown(bed, id)
    return plan && plan.state !== 'MAKING' ? plan : undefined
  })

export const shown = async (bed: PlansBed, id: string, variables: object = {}) =>
  (await bed.ask(SHOWN, { id, ...variables })).syncPlan as {
    id: string
    state: string
    hash: string
    apiCalls: number
    applyRunId: string | null
    counts: object[]
    alsoWaiting: { type: string; records: number }[]
    items: { pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: ShownItem[] }
  }

export const approve = async (bed: PlansBed, plan: { id: string; hash: string }, caller?: Principal) =>
  (await bed.ask(APPROVE, { id: plan.id, hash: plan.hash }, caller)).approvePlan

export const UNDO = `mutation ($id: ID!) { undoRun(runId: $id) { __typename ... on PlanStarted { plan { id } } ... on Invalid { field code message } ... on Missing { message } } }`

/** Asks for the plan that undoes a run, and waits until it is whole. */
export const undone = async (bed: PlansBed, id: string) => {
  const { undoRun } = await bed.ask(UNDO, { id })
  expect(undoRun.__typename).toBe('PlanStarted')
  return await ready(bed, undoRun.plan.id)
}

/** Has a plan done. @returns its run */
export const done = async (bed: PlansBed, plan: { id: string; hash: string }) => {
  const approved = await approve(bed, plan)
  expect(approved).toMatchObject({ __typename: 'PlanApproved' })
  const run = await bed.ended(approved.run.id)
  expect(run).toMatchObject({ state: 'COMPLETED' })
  return run
}

/** What the hub holds, by table and row, as text: what was only looked at is the same afterwards. */
export const heldRows = async (bed: PlansBed): Promise<Map<string, string>> => {
  const tables = [
    'companies',
    'contacts',
    'deals',
    'tickets',
    'tasks',
    'notes',
    'customers',
    'versions',
    'edges',
  ]
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<{ name: string; text: string }>`
      ${sql.join(
        tables.map(
          (table) =>
            sql`select ${table} || ' ' || coalesce(to_jsonb(t) ->> 'id', to_jsonb(t)::text) as name, to_jsonb(t)::text as text from ${sql.table(`customers.${table}`)} t`,
        ),
        sql` union all `,
      )}
      union all select 'link ' || type || ' ' || external_id, (to_jsonb(l) - 'seen_run')::text from sync.links l
      union all select 'watermark ' || type, to_jsonb(w)::text from sync.watermarks w
      union all select 'decision ' || id, to_jsonb(d)::text from sync.decisions d`.execute(tx),
  )
  return new Map(rows.map(({ name, text }) => [name, text]))
}

/** Names of rows that are not the same in both. */
export const differing = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name))

/** A worker of which something is done otherwise. */
const workerWith = (bed: PlansBed, changed: (opened: Opened) => Opened) => {
  const { database, vault, clock } = bed
  const portals = openPortals({ database, vault, clock, log: silentLog, limits: {} })
  const open = openPortalRun({ database, clock, vault }, portals)
  const inner = worker(bed, { open: async (run, signal) => changed(await open(run, signal)) })
  return {
    [Symbol.asyncDispose]: async () => {
      await inner[Symbol.asyncDispose]()
      await portals[Symbol.asyncDispose]()
    },
  }
}

/** A worker that lets something happen before it reads records by id. */
export const meddling = (bed: PlansBed, beforeRead: () => Promise<void>) =>
  workerWith(bed, (opened) => {
    const types = opened.source.types.map((type) => ({
      ...type,
      read: async (...asked: Parameters<NonNullable<SourceType['read']>>) => {
        await beforeRead()
        return (await type.read?.(...asked)) ?? { records: [], missing: [] }
      },
    }))
    return { ...opened, source: { ...opened.source, types } }
  })

/** A worker that lets something happen before it looks at what the hub holds. */
export const meddlingHere = (bed: PlansBed, beforeLook: () => Promise<void>) =>
  workerWith(bed, (opened) => {
    const current: Opened['target']['current'] = async (...asked) => {
      await beforeLook()
      return await opened.target.current(...asked)
    }
    return { ...opened, target: { ...opened.target, current } }
  })
