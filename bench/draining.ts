/** Whether everything that an import set off has come to rest. */
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { type Place, SUBGRAPHS, type Subgraph } from './hub.ts'

/** Connections to all five databases. */
export type Databases = Record<Subgraph, pg.Client> & AsyncDisposable

/** @param names of those that are there; asking another one is asking nobody */
export const openDatabases = async (
  place: Place,
  names: readonly Subgraph[] = SUBGRAPHS,
): Promise<Databases> => {
  const opened = await Promise.all(names.map(async (name) => [name, await place.connect(name)] as const))
  return Object.assign(Object.fromEntries(opened) as Record<Subgraph, pg.Client>, {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map(([, client]) => client.end()))
    },
  })
}

interface Cursor {
  consumer: string
  source: Subgraph
  names: string[]
  pos: string | null
}

/** What still waits, each as a sentence; empty when all is at rest. @param names of those that run */
export const waitingFor = async (
  databases: Databases,
  names: readonly Subgraph[] = SUBGRAPHS,
): Promise<string[]> => {
  const waiting: (string | undefined)[] = []
  // One after the other: each connection serves one question at a time.
  for (const name of names) {
    waiting.push(await unsequenced(databases[name], name))
    const { rows } = await databases[name].query<Cursor>(`
      select c.consumer, c.source, c.names, case when c.pos is null then null
        else greatest(c.pos, (select min(m.pos) from events.marks m where m.consumer = c.consumer and m.source = c.source)) end as pos
      from events.cursors c`)
    for (const cursor of rows)
      if (names.includes(cursor.source)) waiting.push(await behind(databases, cursor))
  }
  const { rows } = await databases.insights.query<{ n: number }>(
    'select count(*)::int as n from insights.customers where dirty_since is not null',
  )
  if (rows[0]!.n > 0) waiting.push(`insights has ${rows[0]!.n} customers to score`)
  return waiting.filter((says) => says !== undefined)
}

const unsequenced = async (client: pg.Client, name: Subgraph): Promise<string | undefined> => {
  const { rows } = await client.query<{ n: number }>(
    'select count(*)::int as n from (select from events.outbox limit 1000) as o',
  )
  return rows[0]!.n > 0 ? `the outbox of ${name} holds ${rows[0]!.n} events` : undefined
}

// A consumer's low-water mark is saved once a second; the marks per organisation travel with the effect. Events of names
// that it did not ask for are not waited for.
const behind = async (databases: Databases, cursor: Cursor): Promise<string | undefined> => {
  const { consumer, source, names, pos } = cursor
  if (pos === null) return `${consumer} has no snapshot of ${source} yet`
  const { rows } = await databases[source].query<{ n: number }>(
    `select count(*)::int as n from (select from events.event_log where pos > $1
       and (cardinality($2::text[]) = 0 or name = any($2)) limit 100000) as e`,
    [pos, names],
  )
  return rows[0]!.n > 0 ? `${consumer} is ${rows[0]!.n} events behind ${source}` : undefined
}

/** Waits until all is at rest. @returns the instant; @throws naming what still waits after `timeoutMs` */
export const drained = async (
  databases: Databases,
  names: readonly Subgraph[] = SUBGRAPHS,
  timeoutMs = 600_000,
): Promise<number> => {
  const giveUpAt = Date.now() + timeoutMs
  for (;;) {
    const at = Date.now()
    const waiting = await waitingFor(databases, names)
    if (waiting.length === 0) return at
    if (at > giveUpAt) throw new Error(`Still not at rest: ${waiting.join('; ')}`)
    await setTimeout(100)
  }
}
