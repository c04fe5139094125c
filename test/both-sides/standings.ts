/** Whether what is said of how records stand is so. */
import { sql } from 'kysely'
import { ID_FIELDS } from '#connectors/c3/index.ts'
import { over } from '#db/client.ts'
import { sleep } from '#kernel/clock.ts'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { valuesOf } from '#subgraphs/inventory/sync/values.ts'
import { same } from '#sync/values.ts'
import { type C3Bed, ORG } from '#test/kit/c3.ts'
import { heldOf } from '#test/kit/c3-books.ts'
import { type Answer, askSubgraph, startWith, TEST_KEY } from '#test/kit/subgraph.ts'

interface Said {
  id: string
  status: string
  /** Null of stock, of which nobody decides. */
  conflict: boolean | null
}
interface Noted {
  type: string
  /** Ours, or C3's: whichever it is noted by. */
  id: string
}

const COLUMNS = sql<Said>`
  select id, sync_status as status, null as conflict from c3.inventory
  union all select id, sync_status, sync_conflict from c3.rfqs`

/** Of records whose columns say something else than what waits, was given up or is contested in that very moment, what they say. */
const untrueNow = async (bed: C3Bed): Promise<string[]> =>
  bed.database.transaction(
    ORG,
    async (tx) => {
      const select = async <T>(text: ReturnType<typeof sql<T>>) => (await text.execute(over(tx))).rows
      const named = async (text: ReturnType<typeof sql<Noted>>) =>
        new Set((await select(text)).map(({ type, id }) => `${type} ${id}`))
      const outgoing = await named(sql`select type, local_id as id from sync.outgoing`)
      const signals = await named(sql`select type, external_id as id from sync.signals`)
      const open = await named(sql`select type, local_id as id from sync.decisions where outcome = 'open'`)
      const givenUp = await named(
        sql`select type, external_id as id from sync.dead_letters where direction = 'IN' and state <> 'RESOLVED'`,
      )
      const links = await select(
        sql<{ type: string; id: string; c3: string; apart: boolean }>`
          select type, local_id as id, external_id as c3, base is not null as apart from sync.links`,
      )
      const so = new Map(
        links.map(({ type, id, c3, apart }) => {
          const isOpen = open.has(`${type} ${id}`)
          const waits = isOpen || outgoing.has(`${type} ${id}`) || signals.has(`${type} ${c3}`)
          const inStep = waits ? 'pending' : apart ? 'error' : 'synced'
          const status = givenUp.has(`${type} ${c3}`) ? 'error' : inStep
          return [id, [status, type === 'rfqs' ? isOpen : null].join()]
        }),
      )
      return (await select(COLUMNS)).flatMap(({ id, status, conflict }) =>
        so.get(id) === [status, conflict].join()
          ? []
          : [`${id}: ${status}, ${conflict}; so is ${so.get(id)}`],
      )
    },
    { isolation: 'repeatable read' },
  )

/** Looks again and again at what the columns say. @returns what stops it, and says how often it looked and what was not so */
export const watchColumns = (bed: C3Bed): (() => Promise<{ looks: number; untrue: string[] }>) => {
  const untrue: string[] = []
  let looks = 0
  let isOver = false
  const looking = (async () => {
    while (!isOver) {
      untrue.push(...(await untrueNow(bed)))
      looks++
      await sleep(100)
    }
  })()
  return async () => {
    isOver = true
    await looking
    return { looks, untrue }
  }
}

const EVERY = {
  stock: `query ($after: Cursor) { page: stock(first: 200, after: $after) {
    nodes { id syncStatus } pageInfo { hasNextPage endCursor } } }`,
  rfqs: `query ($after: Cursor) { page: rfqs(first: 200, after: $after) {
    nodes { id syncStatus syncConflict } pageInfo { hasNextPage endCursor } } }`,
}

const ofGraph = async (bed: C3Bed): Promise<Said[]> => {
  await using inventory = await startInventory({
    ...startWith(bed.test.urls, { worker: false }),
    ...{ encryptionKeys: [TEST_KEY], limits: {}, advises: false },
  })
  const said: Said[] = []
  for (const query of [EVERY.stock, EVERY.rfqs]) {
    let after: string | null = null
    do {
      const answer: Answer = await askSubgraph(inventory.url, query, { after })
      const { page } = answer.data
      for (const { id, syncStatus, syncConflict = null } of page.nodes)
        said.push({ id, status: syncStatus.toLowerCase(), conflict: syncConflict })
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after !== null)
  }
  return said
}

/** How the records of the hub stand, by what C3 and the hub hold: while nothing waits, what differs waits for a person. */
const byTheBooks = async (bed: C3Bed): Promise<Said[]> => {
  const said: Said[] = []
  for (const kind of ['inventory', 'rfqs'] as const) {
    const records = new Map(
      (await bed.records(kind)).map((record) => [
        String((record as unknown as Record<string, unknown>)[ID_FIELDS[kind]]),
        valuesOf[kind](record as never),
      ]),
    )
    for (const [id, { externalId, isGone, values }] of await heldOf(bed, kind)) {
      if (isGone) continue
      const there = records.get(externalId) ?? {}
      const differs = [...new Set([...Object.keys(there), ...Object.keys(values)])].some(
        (field) => !same(there[field], values[field]),
      )
      const status = differs ? 'pending' : 'synced'
      said.push({ id, status, conflict: kind === 'rfqs' ? differs : null })
    }
  }
  return said
}

const inOrder = (said: readonly Said[]): string[] =>
  said.map(({ id, status, conflict }) => `${id}: ${status}, ${conflict}`).sort()

/** How every stock row and request stands once nothing is under way: by its columns, by the graph, and by what both sides hold. */
export const standingsAtRest = async (bed: C3Bed) => ({
  columns: inOrder(await bed.select(COLUMNS)),
  graph: inOrder(await ofGraph(bed)),
  books: inOrder(await byTheBooks(bed)),
})
