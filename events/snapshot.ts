import type { FastifyReply } from 'fastify'
import { sql } from 'kysely'
import { over, setOrg } from '#db/client.ts'
import type { EventDatabase } from './event.ts'
import type { FeedOptions } from './feed.ts'
import { eventLine, otherLine } from './lines.ts'
import { type Outflow, openOutflow } from './outflow.ts'

/**
 * Writes the state of all organisations at one position. State and position are read in the same repeatable-read
 * transaction, so the state holds everything up to the position; what it holds beyond that arrives again as events,
 * which carry state and so do no harm.
 */
export const writeSnapshot = async (
  reply: FastifyReply,
  options: FeedOptions,
  closing: AbortSignal,
  names: string[] | undefined,
): Promise<void> => {
  const { log, snapshot, heartbeatMs = 5000 } = options
  // In this order: who is not listed yet has published nothing up to the position.
  const [{ oldest }, end] = await Promise.all([log.bounds(), log.place()])
  const [first, ...others] = await organisations(log.database)
  const out = openOutflow(reply, closing, heartbeatMs, () => '\n')
  try {
    if (!snapshot) await out.write(otherLine({ position: oldest - 1 }))
    else if (!first) await out.write(otherLine(end))
    else await writeState(options, out, first, names)
    await out.write(otherLine({ end: true }))
    out.end()
  } catch (error) {
    reply.log.error({ err: error, organisations: others.length + 1 }, 'a snapshot broke off')
    // Without its last line it counts for nothing; cut, so that the reader knows at once.
    reply.raw.destroy()
    out.end()
  }
}

const writeState = (
  { log, snapshot }: FeedOptions,
  out: Outflow,
  first: string,
  names: string[] | undefined,
) => {
  let begun = false
  return log.database.transaction(
    first,
    async (tx) => {
      if (begun) throw new Error('a snapshot cannot be written twice')
      begun = true
      const { rows } = await sql<{ pos: number }>`select pos from events.head`.execute(over(tx))
      const pos = rows[0]!.pos
      await out.write(otherLine(await log.place(pos)))
      // Listed after the position was read: whoever published up to it is among them.
      for (const orgId of await organisations(log.database)) {
        await setOrg(tx, orgId)
        let lines = ''
        for await (const event of snapshot!(tx, orgId, names)) {
          if (out.signal.aborted) return
          if (names && !names.includes(event.name)) continue
          lines += eventLine({ ...event, orgId, pos })
          if (lines.length < 64_000) continue
          await out.write(lines)
          lines = ''
        }
        if (lines) await out.write(lines)
      }
    },
    { isolation: 'repeatable read' },
  )
}

const organisations = (database: EventDatabase): Promise<string[]> =>
  database.relay(async (tx) => {
    const { rows } = await sql<{
      id: string
    }>`select org_id as id from events.organisations order by org_id`.execute(over(tx))
    return rows.map(({ id }) => id)
  })
