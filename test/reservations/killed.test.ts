import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { over } from '#db/client.ts'
import { session } from '#db/session.ts'
import { type C3Bed, importedC3, ORG, reader, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { askSubgraph } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { freeOf } from './bed.ts'

const PROGRAM = fileURLToPath(new URL('../kit/c3-process.ts', import.meta.url))

/** The API of inventory in a process of its own, behind a door that can keep its answers back. */
const startApi = async (bed: C3Bed) => {
  let child: ChildProcess
  let port = 0
  let keeps = false
  const pairs = new Set<[Socket, Socket]>()
  const start = async () => {
    child = spawn(process.execPath, [PROGRAM, 'api', JSON.stringify(bed.test.urls)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = await once(child.stdout!, 'data')
    port = Number(new URL(String(said).slice('ready '.length).trim()).port)
  }
  const end = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (const socket of [...pairs].flat()) socket.destroy()
    pairs.clear()
  }
  const door = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    pairs.add([near, far])
    for (const socket of [near, far]) socket.on('error', () => socket.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.pipe(far)
    if (!keeps) far.pipe(near)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  await start()
  return {
    url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
    /** Nobody hears from now on what becomes of what is asked. */
    keepAnswers: () => {
      keeps = true
      for (const [near, far] of pairs) far.unpipe(near)
    },
    /** Kills it in whatever it is doing, and starts another one. */
    kill: async () => {
      await end()
      keeps = false
      await start()
    },
    [Symbol.asyncDispose]: async () => {
      await end()
      await new Promise((resolve) => door.close(resolve))
    },
  }
}

const MOVE = {
  reserveStock: `mutation ($input: ReserveStockInput!, $key: String) {
    moved: reserveStock(input: $input, idempotencyKey: $key) { __typename ... on Refusal { code } } }`,
  releaseStock: `mutation ($input: ReleaseStockInput!, $key: String) {
    moved: releaseStock(input: $input, idempotencyKey: $key) { __typename ... on Refusal { code } } }`,
}
interface Ask {
  input: { rfqId: string; stockItemId: string; quantity: number }
  key: string
}
/** Asks until there is an answer, with the same key. @returns what came of it, and how often it was asked */
const insist = async (url: string, what: keyof typeof MOVE, { input, key }: Ask) => {
  for (let tries = 1; ; tries++) {
    try {
      const { data } = await askSubgraph(url, MOVE[what], { input, key })
      return { came: (data.moved.code ?? data.moved.__typename) as string, tries, key, input }
    } catch {
      await wait(100)
    }
  }
}

const shelvesOf = (bed: C3Bed, ids: readonly string[]) =>
  bed.select<{ id: string; free: number; promised: number; held: number }>(sql`
    select i.id, i.quantity_available - i.quantity_reserved - i.quantity_promised as free, i.quantity_promised as promised,
      (select coalesce(sum(r.quantity), 0)::int from inventory.reservations r where r.stock_id = i.id) as held
    from inventory.inventory i where i.id = any(${ids}::uuid[]) order by i.id`)
const happened = async (bed: C3Bed, kind: string): Promise<number> =>
  (await bed.select(sql`select from inventory.rfq_history where kind = ${kind}`)).length
/** How many wait in the database for a row, and for their turn. */
const waiting = (bed: C3Bed) =>
  session(bed.test.adminUrl, async (client) => {
    const { rows } = await client.query<{ event: string; count: number }>(
      `select wait_event as event, count(*)::int as count from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' group by wait_event`,
    )
    const of = (...events: string[]) =>
      rows.filter(({ event }) => events.includes(event)).reduce((sum, { count }) => sum + count, 0)
    return { rows: of('transactionid', 'tuple'), turns: of('advisory') }
  })

it('holds once what fifty callers ask for again whose process was killed before and after the commit, and gives back once', async () => {
  await using bed = await importedC3({ companies: 40 }, [reader])
  await using api = await startApi(bed)
  const rfqs = await bed.select<{ id: string }>(
    sql`select id from inventory.rfqs where status in ('OPEN', 'QUOTED') order by id limit 3`,
  )
  const rich = (await bed.records('inventory')).filter((row) => freeOf(row) >= 100).slice(0, 2)
  const shelves = await Promise.all(
    rich.map(async (row) => ({
      ...{ id: await bed.idOf('inventory', row.stockId), row, free: freeOf(row) },
      // Fifteen of its twenty-five callers at most get what they ask for.
      each: Math.floor(freeOf(row) / 15),
    })),
  )
  const fits = shelves.map(({ free, each }) => Math.min(25, Math.floor(free / each)))
  const asks = Array.from({ length: 50 }, (_, n) => {
    const { id: stockItemId, each: quantity } = shelves[n % 2]!
    return { input: { rfqId: rfqs[n % 3]!.id, stockItemId, quantity }, key: `hold ${n}` }
  })
  const reserve = (ask: Ask) => insist(api.url, 'reserveStock', ask)

  // Done, and nobody has heard of it.
  api.keepAnswers()
  const early = asks.slice(0, 10).map(reserve)
  await until(async () => (await happened(bed, 'RESERVED')) === 10)
  // In the middle of it: the first waits for a row that somebody looks at, the others for their turn.
  let late: ReturnType<typeof reserve>[] = []
  await bed.database.transaction(ORG, async (tx) => {
    await sql`select from inventory.inventory where id = ${shelves[1]!.id}::uuid for update`.execute(over(tx))
    late = asks.slice(10).map(reserve)
    await until(async () => {
      const { rows, turns } = await waiting(bed)
      return rows > 0 && turns > 0
    })
    await api.kill()
  })
  const came = await Promise.all([...early, ...late])
  expect(came.filter(({ tries }) => tries > 1).length).toBeGreaterThanOrEqual(10)
  const held = came.filter((each) => each.came === 'StockReserved')
  expect(held.length + came.filter((each) => each.came === 'NOT_ENOUGH_STOCK').length).toBe(50)
  const onShelf = (of: readonly Ask[], id: string) => of.filter(({ input }) => input.stockItemId === id)
  expect(shelves.map(({ id }) => onShelf(held, id).length)).toEqual(fits)
  expect(await happened(bed, 'RESERVED')).toBe(held.length)
  const counted = await shelvesOf(
    bed,
    shelves.map(({ id }) => id),
  )
  for (const { id, each, free } of shelves) {
    const promised = onShelf(held, id).length * each
    expect(counted.find((shelf) => shelf.id === id)).toEqual({
      ...{ id, promised, held: promised, free: free - promised },
    })
    expect(free - promised).toBeGreaterThanOrEqual(0)
  }

  // Half of it is given back, and nobody has heard of that either.
  const back = held.filter((_, n) => n % 2 === 0).map(({ input, key }) => ({ input, key: `back ${key}` }))
  api.keepAnswers()
  const given = back.map((ask) => insist(api.url, 'releaseStock', ask))
  await until(async () => (await happened(bed, 'RELEASED')) > 2)
  await api.kill()
  expect(new Set((await Promise.all(given)).map((each) => each.came))).toEqual(new Set(['StockReleased']))
  expect(await happened(bed, 'RELEASED')).toBe(back.length)
  // C3 then holds just what is left.
  await using _ = writer(bed)
  await quiet(bed)
  for (const { id, row, each } of shelves) {
    const left = (onShelf(held, id).length - onShelf(back, id).length) * each
    const [shelf] = await shelvesOf(bed, [id])
    expect(shelf).toMatchObject({ promised: 0, held: left, free: freeOf(row) - left })
    expect((await bed.there('inventory', row.stockId)).quantityReserved).toBe(row.quantityReserved + left)
  }
})
