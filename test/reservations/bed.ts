import type { Kinds } from '#connectors/c3/index.ts'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { type C3Bed, importedC3, reader } from '#test/kit/c3.ts'
import { askSubgraph, principal, startWith, TEST_KEY } from '#test/kit/subgraph.ts'

const RESERVE = /* GraphQL */ `
  mutation ($input: ReserveStockInput!, $version: Int, $key: String) {
    reserveStock(input: $input, expectedVersion: $version, idempotencyKey: $key) {
      __typename ... on StockReserved { rfq { id version reservations { c3StockId quantity confirmedQuantity state } } receipt { position } }
      ... on NotEnoughStock { available } ... on Stale { currentVersion } ... on Invalid { field } ... on Refusal { code message } } }`
const RELEASE = /* GraphQL */ `
  mutation ($input: ReleaseStockInput!, $version: Int, $key: String) {
    releaseStock(input: $input, expectedVersion: $version, idempotencyKey: $key) {
      __typename ... on StockReleased { rfq { id version reservations { c3StockId quantity confirmedQuantity state } } }
      ... on Stale { currentVersion } ... on Invalid { field } ... on Refusal { code message } } }`

interface How {
  version?: number
  key?: string
  /** Which of the two processes is asked. */
  api?: number
}

/** A C3 that was imported, read on by signals, and two processes that answer the graph over it. Nobody writes to C3 yet. */
export const startShelves = async () => {
  await using stack = new AsyncDisposableStack()
  const bed: C3Bed = stack.use(await importedC3({ companies: 60 }, [reader]))
  const apis: { url: string | null }[] = []
  for (let n = 0; n < 2; n++)
    apis.push(
      stack.use(
        await startInventory({
          ...startWith(bed.test.urls, { worker: false }),
          encryptionKeys: [TEST_KEY],
        }),
      ),
    )
  const ask = (query: string, variables: object = {}, { api = 0 }: How = {}, who = principal()) =>
    askSubgraph(apis[api]!.url, query, variables as Record<string, unknown>, who)
  const rfqs = (
    await ask(
      '{ rfqs(first: 200, filter: { statuses: [OPEN, QUOTED, WON] }) { nodes { id c3RfqId version } } }',
    )
  ).data.rfqs.nodes as { id: string; c3RfqId: string; version: number }[]
  const all = stack.move()
  return {
    ...bed,
    bed,
    url: apis[0]!.url!,
    ask,
    rfqs,
    reserve: async (input: object, { version, key, ...how }: How = {}) =>
      (await ask(RESERVE, { input, version, key }, how)).data.reserveStock,
    release: async (input: object, { version, key, ...how }: How = {}) =>
      (await ask(RELEASE, { input, version, key }, how)).data.releaseStock,
    /** A stock row as the graph shows it. */
    shelf: async (c3StockId: string, partNumber: string) =>
      (
        await ask(
          'query ($n: String!) { stock(first: 200, partNumber: $n) { nodes { id c3StockId quantityAvailable quantityReserved quantityPromised component { id } } } }',
          { n: partNumber },
        )
      ).data.stock.nodes.find((node: { c3StockId: string }) => node.c3StockId === c3StockId),
    stockIn: async (stockId: string): Promise<Kinds['inventory']> =>
      (await bed.records('inventory')).find((row) => row.stockId === stockId)!,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type Shelves = Awaited<ReturnType<typeof startShelves>>

/** How many of a row of C3's can be held. */
export const freeOf = ({ quantityAvailable, quantityReserved }: Kinds['inventory']): number =>
  quantityAvailable - quantityReserved
