/**
 * Callers of a connected portal in a process of their own. argv: JSON of { urls, app, place, callers, calls, diesAfterRefresh }.
 * Says `ready`, and on a line of stdin asks the portal: every caller so many times in a row. Then one line with what became of it.
 */
import { once } from 'node:events'
import { openHubSpotOAuth } from '#connectors/hubspot/index.ts'
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { openPortals } from '#subgraphs/customers/sync/portals.ts'
import { TEST_KEY } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'

const { urls, app, place, callers, calls, diesAfterRefresh } = JSON.parse(process.argv[2] ?? '')
const clock = systemClock
// However long a busy machine makes them wait, nobody is turned away for that.
const PATIENT_MS = 60_000
const database = openDatabase<DB>(urls, { log: silentLog, waitMs: PATIENT_MS })
const portals = openPortals({
  ...{ database, vault: openVault([TEST_KEY]), clock, log: silentLog, limits: {} },
  hubspot: { deadlineMs: PATIENT_MS },
  signIn: (baseUrl) => {
    const oauth = openHubSpotOAuth({ baseUrl, app, clock })
    return {
      ...oauth,
      refresh: async (token) => {
        const grant = await oauth.refresh(token)
        // What HubSpot answered is known to nobody else.
        if (diesAfterRefresh) process.kill(process.pid, 'SIGKILL')
        return grant
      },
    }
  },
})
const row = await portals.connection(place)
process.stdout.write('ready\n')
await once(process.stdin, 'data')
const ask = async () => {
  const hubspot = await portals.open(row)
  for (let call = 0; call < calls; call++) await hubspot.account()
}
const outcomes = await Promise.allSettled(Array.from({ length: callers }, ask))
const failed = outcomes.flatMap((one) =>
  one.status === 'rejected' ? [String(one.reason.code ?? one.reason)] : [],
)
process.stdout.write(`${JSON.stringify({ failed })}\n`)
process.exit(0)
