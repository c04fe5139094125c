import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Database } from '#db/client.ts'
import { OTHERS_TELL, TOUCHED_CHANNEL, tellingTables } from '#db/touched.ts'
import { openOutflow } from '#events/outflow.ts'
import { sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { systemCaller } from './requests.ts'

/**
 * What `GET /touched` tells, a line of JSON each. Whoever keeps answers trusts it for as long as it goes on to say that it is told.
 *   {"tables":["customers.customers",…]}   these tell from now on; what was told before counts no more
 *   {"touched":["<organisation> customers.customers",…]}   committed: whoever asks now is answered with it
 *   {"told":true}   everything that had been committed when the last such line was asked for has been told
 *   {"lost":true}   something may have been touched untold, until `tables` comes again
 */
export type TouchedLine = { tables: string[] } | { touched: string[] } | { told: true } | { lost: true }

/** How often it says so. */
const TOLD_EVERY_MS = 100
// A reader that takes nothing is cut by the outflow itself; no sign of life is needed beside `told`.
const NO_HEARTBEAT_MS = 2 ** 30

interface Options {
  database: Database<unknown>
  seal: PrincipalSeal
  log: Log
}

/** The route by which gateways that keep answers hear what is touched: for the hub's own processes. */
export const touchedRoute = (app: FastifyInstance, options: Options): void => {
  const closing = new AbortController()
  app.register(async (scope) => {
    // A stream without end would keep the server from closing.
    scope.addHook('preClose', async () => closing.abort())
    scope.get('/touched', async (request, reply) => {
      await systemCaller(request, options.seal)
      await tell(reply, closing.signal, options)
    })
  })
}

const tell = async (reply: FastifyReply, closing: AbortSignal, { database, log }: Options): Promise<void> => {
  const out = openOutflow(reply, closing, NO_HEARTBEAT_MS, () => '\n')
  const write = (line: TouchedLine) => out.write(`${JSON.stringify(line)}\n`)
  const touched = new Set<string>()
  let isLost = true
  const flush = (): Promise<void> | undefined => {
    if (touched.size === 0) return undefined
    const told = [...touched]
    touched.clear()
    return write({ touched: told })
  }
  await using _listening = database.listen(TOUCHED_CHANNEL, (payload) => {
    if (payload === undefined || payload === OTHERS_TELL) isLost = true
    else {
      // What one transaction touches comes at once: it is written together.
      if (touched.size === 0) setImmediate(() => void flush())
      touched.add(payload)
    }
  })
  while (!out.signal.aborted) {
    try {
      const begins = isLost
      isLost = false
      // After a round trip on the connection that listens, so that nothing is missed between.
      await database.heard()
      if (begins) await write({ tables: await tellingTables(database) })
      await flush()
      if (!isLost) await write({ told: true })
    } catch (error) {
      log.debug({ err: error }, 'what is touched is not heard for the moment')
      isLost = true
    }
    if (isLost) await write({ lost: true })
    await sleep(TOLD_EVERY_MS, out.signal)
  }
  out.end()
}
