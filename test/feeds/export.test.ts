import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CursorExpired } from '#events/log.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { withDetail } from '#service/errors.ts'
import { cursorAt } from '#service/subscriptions.ts'
import { type Graph, openGateway, startGraph } from '#test/kit/gateway.ts'
import { startPart } from '#test/kit/graph.ts'
import { until } from '#test/kit/until.ts'

/** Notes as customers keeps them, and what changed as hub keeps it: in memory, so that edits fall between any two pages. */
interface Note {
  id: string
  body: string
  notedAt: string
  createdAt: string
  updatedAt: string
}
let notes: Map<string, Note>
let changes: Map<string, { place: number; isDeleted: boolean }>
let place: number
/** Pages of notes that were asked for. */
let pages: number
/** Done whenever a page of notes has been read. */
let between: () => void
/** Changes behind this place only are kept. */
let forgotten: number

const write = (id: string, at: number, body = `Note ${id}`) => {
  const moment = new Date(at).toISOString()
  notes.set(id, { id, body, notedAt: moment, createdAt: moment, updatedAt: moment })
  note(id, false)
}
const note = (id: string, isDeleted: boolean) => {
  changes.delete(id)
  changes.set(id, { place: ++place, isDeleted })
}
const remove = (id: string) => {
  notes.delete(id)
  note(id, true)
}

const page = <T>(rows: T[], first: number, at: (row: T) => (string | number)[]) => ({
  nodes: rows.slice(0, first),
  edges: rows.slice(0, first).map((node) => ({ node, cursor: encodeCursor(at(node)) })),
  pageInfo: {
    endCursor: rows.length > 0 ? encodeCursor(at(rows[Math.min(first, rows.length) - 1]!)) : null,
    hasNextPage: rows.length > first,
    startCursor: null,
    hasPreviousPage: false,
  },
  totalCount: null,
})
interface Args {
  first: number
  after?: string | null
  operation?: 'CHANGED' | 'DELETED' | null
}

const customers = {
  Query: {
    notes: (_: unknown, { first, after }: Args) => {
      pages++
      const [time = '', id = ''] = after ? (decodeCursor(after, 2) as string[]) : []
      const rows = [...notes.values()]
        .sort((a, b) => (a.notedAt + a.id < b.notedAt + b.id ? -1 : 1))
        .filter((one) => one.notedAt + one.id > time + id)
      const answer = page(rows, first, (one) => [one.notedAt, one.id])
      between()
      return answer
    },
    deals: () => {
      throw new Error('a secret of the database')
    },
  },
}
const hub = {
  Query: {
    changes: (_: unknown, { first, after, operation }: Args) => {
      const from = after ? Number(decodeCursor(after, 1)[0]) : forgotten
      if (from < forgotten)
        throw withDetail(CursorExpired.with({ oldest: forgotten + 1 }), {
          oldest: cursorAt(forgotten),
        })
      const rows = [...changes]
        .map(([id, one]) => ({ id, ...one }))
        .filter((one) => one.place > from && (!operation || (operation === 'DELETED') === one.isDeleted))
        .sort((a, b) => a.place - b.place)
        .map((one) => ({
          ...{ type: 'NOTE', id: one.id, at: new Date(0).toISOString(), version: String(one.place) },
          operation: one.isDeleted ? 'DELETED' : 'CHANGED',
        }))
      const read = page(rows, first, (one) => [Number(one.version)])
      const end = cursorAt(place)
      return { ...read, cursor: read.pageInfo.hasNextPage ? read.pageInfo.endCursor : end, head: end }
    },
  },
}

let graph: Graph
/** Has a part begin where it was, over this file's rows. */
const begin = async (name: 'customers' | 'hub') => {
  const { port } = graph.parts[name]
  graph.parts[name] = await startPart(name, { port, log: graph.log, as: name === 'hub' ? hub : customers })
}
beforeAll(async () => {
  graph = await startGraph()
  for (const name of ['customers', 'hub'] as const) {
    await graph.down(name)
    await begin(name)
  }
})
afterAll(async () => {
  for (const name of ['customers', 'hub'] as const) await graph.down(name)
  await graph[Symbol.asyncDispose]()
})
beforeEach(() => {
  notes = new Map()
  changes = new Map()
  place = pages = forgotten = 0
  between = () => undefined
})

const open = async (kind: string, { after, ...more }: { after?: string; [name: string]: unknown } = {}) =>
  fetch(`${more.url ?? graph.gateway.url}/api/v2/export/${kind}${after ? `?after=${after}` : ''}`, {
    headers: {
      authorization: `Bearer ${more.token ?? (await graph.token())}`,
      // Left out, fetch takes answers packed: these texts would be nothing then.
      'accept-encoding': 'identity',
      ...(more.headers as object),
    },
    ...(more.signal ? { signal: more.signal as AbortSignal } : {}),
  })
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it was sent
type Line = Record<string, any>
const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const read = async (kind: string, options: Parameters<typeof open>[1] = {}) =>
  linesOf(await (await open(kind, options)).text())

/** A copy as a client keeps it. */
const apply = (copy: Map<string, Note>, lines: Line[]) => {
  for (const line of lines)
    if (line.operation === 'DELETED') copy.delete(line.id)
    else if (line.operation === 'CHANGED') copy.set(line.id, line.record)
}
/** Follows changes from a cursor on, and asks for what has changed. */
const follow = async (copy: Map<string, Note>, cursor: string) => {
  for (let after = cursor, isMore = true; isMore; ) {
    const response = await fetch(`${graph.gateway.url}/api/v2/changes?types=NOTE&after=${after}`, {
      headers: { authorization: `Bearer ${await graph.token()}` },
    })
    const body = (await response.json()) as Line
    for (const { node } of body.edges)
      if (node.operation === 'DELETED') copy.delete(node.id)
      else copy.set(node.id, notes.get(node.id)!)
    after = body.cursor
    isMore = body.pageInfo.hasNextPage
  }
}

describe('an export', () => {
  it('is every record, then those that are gone, then the cursor from which changes goes on', async () => {
    for (let n = 0; n < 450; n++) write(`n-${n}`, n)
    remove('n-7')
    const response = await open('note')
    expect(response.headers.get('content-type')).toContain('application/x-ndjson')
    const lines = linesOf(await response.text())
    const records = lines.filter(({ operation }) => operation === 'CHANGED')
    expect(records.map(({ record }) => record.id)).toEqual(
      Array.from({ length: 450 }, (_, n) => `n-${n}`).filter((id) => id !== 'n-7'),
    )
    expect(records[0]).toMatchObject({ type: 'NOTE', id: 'n-0', record: { body: 'Note n-0' } })
    expect(lines.at(-2)).toMatchObject({ type: 'NOTE', id: 'n-7', operation: 'DELETED', version: '451' })
    expect(lines.at(-1)).toEqual({ cursor: cursorAt(451), records: 449, deleted: 1 })
    expect(pages).toBe(3)
  })

  it('misses nothing that changes while it is read, once changes has gone on from its cursor', async () => {
    // The same numbers in each run: what fails once fails again.
    let state = 7
    const chance = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      return state % below
    }
    let made = 0
    const edit = () => {
      const ids = [...notes.keys()]
      const id = ids[chance(ids.length)]!
      const what = chance(4)
      if (what === 0) write(`new-${++made}`, chance(5000))
      else if (what === 1) remove(id)
      // Also to before what was read, or behind it.
      else write(id, chance(5000), `Changed ${++made}`)
    }
    for (let round = 0; round < 10; round++) {
      notes = new Map()
      for (let n = 0; n < 500; n++) write(`n-${n}`, chance(5000))
      between = () => {
        for (let n = 0; n < 60; n++) edit()
      }
      const copy = new Map<string, Note>()
      const lines = await read('NOTE')
      apply(copy, lines)
      between = () => undefined
      await follow(copy, lines.at(-1)!.cursor)
      const bodies = (of: Map<string, Note>) => [...of.values()].map(({ id, body }) => `${id} ${body}`).sort()
      expect(bodies(copy)).toEqual(bodies(notes))
    }
  })

  it('says by its last line that a part has gone, and is taken up where it broke off', async () => {
    for (let n = 0; n < 3000; n++) write(`n-${n}`, n, 'x'.repeat(10_000))
    const response = await open('NOTE')
    await until(() => pages > 1)
    await graph.down('customers')
    const broken = linesOf(await response.text())
    expect(broken.at(-1)).toMatchObject({ error: { status: 503 }, resume: expect.any(String) })
    await begin('customers')
    write('n-late', 5000)
    const rest = await read('NOTE', { after: broken.at(-1)!.resume })
    const records = [...broken, ...rest].filter(({ operation }) => operation === 'CHANGED')
    expect(records.length).toBe(3001)
    expect(new Set(records.map(({ id }) => id)).size).toBe(3001)
    // What changed before it was taken up counts as changed since it was begun.
    expect(rest.at(-1)!.cursor).toBe(cursorAt(3000))
  })

  it('asks for the next page when there is room for it, and for none once nobody listens', async () => {
    for (let n = 0; n < 10_000; n++) write(`n-${n}`, n, 'x'.repeat(10_000))
    const over = new AbortController()
    const response = await open('NOTE', { signal: over.signal })
    const reader = response.body!.getReader()
    await reader.read()
    // As much as the sockets between here and there hold, which may be 36 MB, of 50 pages with 2 MB each.
    let seen = 0
    const standing = await until(
      () => {
        const before = seen
        seen = pages
        return before === seen && before
      },
      { everyMs: 300 },
    )
    expect(standing).toBeLessThan(30)
    over.abort()
    await reader.read().catch(() => undefined)
    // Its place is free again once the gateway has let go of it.
    const again = await until(async () => {
      const others = [await open('NOTE'), await open('NOTE')]
      for (const one of others) await one.body?.cancel()
      return others.every(({ status }) => status === 200)
    })
    expect(again).toBe(true)
    expect(pages).toBeLessThan(50)
  })

  it('is packed for those who take it so', async () => {
    write('n-1', 1)
    const response = await open('NOTE', { headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    const plain = await open('NOTE')
    expect(plain.headers.get('content-encoding')).toBeNull()
    // It is unpacked on the way in.
    expect(linesOf(await response.text())).toEqual(linesOf(await plain.text()))
  })

  it('refuses as every route does, before a line is written', async () => {
    const refused = async (...of: Parameters<typeof open>) => {
      const response = await open(...of)
      return [response.status, ((await response.json()) as Line).code]
    }
    write('n-1', 1)
    const [, { resume }] = (await read('NOTE')) as [Line, Line]
    expect(await refused('NOTE', { token: 'nonsense' })).toEqual([401, 'UNAUTHENTICATED'])
    expect(await refused('NOTHING')).toEqual([404, 'NOT_FOUND'])
    expect(await refused('NOTE', { after: 'nonsense' })).toEqual([400, 'BAD_INPUT'])
    expect(await refused('DEAL', { after: resume })).toEqual([400, 'BAD_INPUT'])
    expect(await refused('DEAL')).toEqual([500, 'INTERNAL'])
  })

  it('is refused with 410 to whoever comes back too late, as changes is, which says from where on there are any', async () => {
    for (let n = 0; n < 3; n++) write(`n-${n}`, n)
    const lines = await read('NOTE')
    const changed = async (after: string) => {
      const response = await fetch(`${graph.gateway.url}/api/v2/changes?after=${after}`, {
        headers: { authorization: `Bearer ${await graph.token()}` },
      })
      return { status: response.status, body: (await response.json()) as Line }
    }
    const { cursor } = lines.at(-1)!
    const { resume } = lines.find((line) => 'resume' in line)!
    write('n-late', 10)
    expect((await changed(cursor)).body.edges).toHaveLength(1)
    forgotten = place
    const expired = { status: 410, code: 'CURSOR_EXPIRED', type: '/problems/cursor-expired' }
    const late = await changed(cursor)
    expect(late).toMatchObject({ status: 410, body: { ...expired, oldest: cursorAt(forgotten) } })
    const again = await open('NOTE', { after: resume })
    expect([again.status, await again.json()]).toMatchObject([410, expired])
    expect(await changed(late.body.oldest)).toMatchObject({ status: 200, body: { edges: [] } })
  })

  it('is one of two at most that a caller reads at a time', async () => {
    for (let n = 0; n < 3000; n++) write(`n-${n}`, n, 'x'.repeat(10_000))
    const held = [await open('NOTE'), await open('NOTE')]
    const third = await open('NOTE')
    expect([third.status, ((await third.json()) as Line).code]).toEqual([429, 'TOO_MANY_EXPORTS'])
    for (const one of held) await one.body?.cancel()
    await until(async () => {
      const again = await open('NOTE')
      await again.body?.cancel()
      return again.status === 200
    })
  })

  it('ends when the gateway stops, and says how to go on', async () => {
    for (let n = 0; n < 3000; n++) write(`n-${n}`, n, 'x'.repeat(10_000))
    const urls = Object.fromEntries(Object.entries(graph.parts).map(([name, { url }]) => [name, url]))
    const gateway = await openGateway(graph.issuer, urls)
    const response = await open('NOTE', { url: gateway.url })
    const closed = gateway[Symbol.asyncDispose]()
    const lines = linesOf(await response.text())
    expect(lines.at(-1)).toMatchObject({ error: { code: 'HUB_UNAVAILABLE' }, resume: expect.any(String) })
    await closed
  })
})
