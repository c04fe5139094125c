import { sql } from 'kysely'
import type { Kinds } from '#connectors/c3/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { approvePush } from '#sync/plans/may-push.ts'
import { type InventoryBed, startInventoryBed } from '../inventory/bed.ts'
import { askSubgraph, DEMO, principal } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'

/** What a test asks of a recommendation. */
export const FIELDS = /* GraphQL */ `
  id kind state version line partNumber alternativePartNumber risk severity
  price { amount currency } low { amount } high { amount } saving { amount currency } reorderPoint orderQuantity serviceLevel
  confidence band reasoning evidence { name value unit meaning } method methodVersion givenBy decidedBy decidedBecause
  outcome { result price { amount currency } quantity } push { state problem }
  rfq { id } component { id partNumber } alternative { id partNumber } supplier { id c3SupplierId }`

export interface Recommended {
  id: string
  kind: string
  state: string
  version: number
  line: number | null
  partNumber: string | null
  alternativePartNumber: string | null
  risk: string | null
  severity: string | null
  price: { amount: string; currency: string } | null
  low: { amount: string } | null
  high: { amount: string } | null
  saving: { amount: string; currency: string } | null
  reorderPoint: number | null
  orderQuantity: number | null
  serviceLevel: number | null
  confidence: number
  band: string
  reasoning: string
  evidence: { name: string; value: string; unit: string | null; meaning: string }[]
  method: string
  methodVersion: number
  givenBy: string | null
  decidedBy: string | null
  decidedBecause: string | null
  outcome: {
    result: string
    price: { amount: string; currency: string } | null
    quantity: number | null
  } | null
  push: { state: string; problem: string | null } | null
  rfq: { id: string } | null
  component: { id: string; partNumber: string } | null
  alternative: { id: string; partNumber: string } | null
  supplier: { id: string; c3SupplierId: string } | null
}

/** An inventory subgraph that has advised on everything C3 told it of. */
export const startAdvisedBed = async ({ companies = 40 } = {}) => {
  const hub = await startInventoryBed({ companies, advises: true })
  const { database } = hub
  const select = <T>(text: ReturnType<typeof sql<T>>): Promise<T[]> =>
    database.read(DEMO, async (tx) => (await text.execute(tx)).rows)
  const ask = async (query: string, variables: Record<string, unknown> = {}, caller = principal()) => {
    const { data, errors } = await askSubgraph(hub.inventory.url, query, variables, caller)
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }
  /** Waits until there is nothing that it has not advised on. */
  const advised = () =>
    until(async () => (await select(sql`select 1 from inventory.advice_due limit 1`)).length === 0)
  return {
    ...hub,
    select,
    ask,
    advised,
    /** Lets the connection write by itself. */
    approved: async (): Promise<void> => {
      const [row] = await select<{ id: string }>(sql`select id from inventory.integrations`)
      const place = { orgId: DEMO, connectionId: row!.id, planId: null }
      await database.transaction(DEMO, (tx) => approvePush(tx, place, systemClock.now()))
    },
    /** Waits until nothing waits to be written. */
    quiet: () => until(async () => (await select(sql`select 1 from sync.outgoing limit 1`)).length === 0),
    /** Does something behind the hub's back. */
    clean: (text: ReturnType<typeof sql>): Promise<unknown> =>
      database.transaction(DEMO, (tx) => text.execute(tx)),
    /** A minute from now. */
    later: (): Date => new Date(systemClock.now().getTime() + 60_000),
    /** All that is recommended, as narrowed. */
    recommended: async (filter: object = {}): Promise<Recommended[]> => {
      const all: Recommended[] = []
      for (let after: string | null = null; ; ) {
        const query = `query ($filter: RecommendationFilter, $after: Cursor) { recommendations(filter: $filter, first: 200, after: $after) { nodes { ${FIELDS} } pageInfo { endCursor hasNextPage } } }`
        const { recommendations } = await ask(query, { filter, after })
        all.push(...recommendations.nodes)
        if (!recommendations.pageInfo.hasNextPage) return all
        after = recommendations.pageInfo.endCursor
      }
    },
    /** Changes a record as somebody who uses C3 would, and waits until that is known here and advised on. */
    changed: async <K extends keyof Kinds>(kind: K, fields: Partial<Kinds[K]>): Promise<void> => {
      await hub.sim(`records/${kind}`, fields as Record<string, unknown>, 'POST')
      await hub.sync('INCREMENTAL')
      await advised()
    },
  }
}
export type AdvisedBed = Awaited<ReturnType<typeof startAdvisedBed>>
export type { InventoryBed }
