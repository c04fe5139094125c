import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { type Database, over } from '#db/client.ts'
import type { DatabaseUrls } from '#db/databases.ts'
import { until } from './until.ts'

const PROGRAM = fileURLToPath(new URL('./scheduler-process.ts', import.meta.url))
/** So many slots are waited for: while both run, and again once one was killed. */
const SLOTS = 8

/**
 * Has two processes keep the schedules of a subgraph's connection at the same time, and kills one on the way.
 * @returns when each slot of CHANGES was that was begun, in order, as often as it was
 */
export const slotsOfTwo = async (options: {
  subgraph: 'customers' | 'inventory'
  urls: DatabaseUrls
  database: Pick<Database<never>, 'read'>
  orgId: string
  everyMs: number
}): Promise<number[]> => {
  const { subgraph, urls, database, orgId, everyMs } = options
  const start = async () => {
    const child = spawn(process.execPath, [PROGRAM, subgraph, JSON.stringify(urls), String(everyMs)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    return child
  }
  const slots = () =>
    database.read(orgId, async (tx) => {
      const { rows } = await sql<{ slot: string; who: string }>`
        select subject_id as slot, who_id as who from service.audit_log where action = 'slot CHANGES' order by subject_id`.execute(
        over(tx),
      )
      return rows
    })
  const [one, two] = await Promise.all([start(), start()])
  await using _ended = {
    [Symbol.asyncDispose]: async () => {
      for (const child of [one, two]) child.kill('SIGKILL')
    },
  }
  const both = await until(async () => {
    const found = await slots()
    return found.length >= SLOTS && new Set(found.map(({ who }) => who)).size === 2 ? found : undefined
  })
  one.kill('SIGKILL')
  const all = await until(async () => {
    const found = await slots()
    return found.length >= both.length + SLOTS ? found : undefined
  })
  return all.map(({ slot }) => Date.parse(slot))
}
