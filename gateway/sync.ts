/** `npm run sync -- hubspot [--full] [--reconcile]`: runs a sync on the running hub and draws it; exit code 0 only when nothing failed. */
import { parseArgs } from 'node:util'
import { sleep, systemClock } from '#kernel/clock.ts'
import { toPublic } from '#kernel/errors.ts'
import { type HubClient, HubSaidNo, openClient } from './client.ts'
import { loadEnvironmentFile, readGatewayConfig } from './config.ts'
import { openIssuer } from './identity/issuer.ts'
import { type DrawnRun, drawRun, hasEnded, openScreen } from './progress.ts'

const LOOK_EVERY_MS = 250
const OPERATIONS: Record<string, [operation: string, field: string]> = {
  hubspot: ['StartHubSpotSync', 'startHubSpotSync'],
  c3: ['StartC3Sync', 'startC3Sync'],
}

/** The newest runs of all systems. */
export const newestRuns = async (client: HubClient, first = 20): Promise<DrawnRun[]> =>
  (await client.run<{ syncRuns: { nodes: DrawnRun[] } }>('SyncRuns', { first })).syncRuns.nodes

type Started = { __typename: string; message?: string; run?: { id: string } }

/** Starts a sync and draws it to its end. @returns the run as it ended */
export const sync = async (client: HubClient, system: string, mode: string): Promise<DrawnRun> => {
  const [operation, field] = OPERATIONS[system] as [string, string]
  const started = (await client.run<Record<string, Started>>(operation, { mode }))[field]
  if (!started?.run) throw HubSaidNo.with({ reason: started?.message ?? 'nothing' })
  const screen = openScreen(process.stdout)
  for (;;) {
    const run = (await newestRuns(client)).find(({ id }) => id === started.run?.id)
    if (run) screen.show([drawRun(run, systemClock.now())])
    if (run && hasEnded(run)) return run
    await sleep(LOOK_EVERY_MS)
  }
}

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    options: { full: { type: 'boolean' }, reconcile: { type: 'boolean' } },
    allowPositionals: true,
  })
  const system = positionals[0] ?? ''
  if (!OPERATIONS[system] || positionals.length > 1 || (values.full && values.reconcile)) {
    process.stderr.write('Usage: npm run sync -- hubspot|c3 [--full | --reconcile]\n')
    return 2
  }
  loadEnvironmentFile()
  const config = readGatewayConfig()
  const issuer = await openIssuer({ home: config.home, clock: systemClock })
  const token = () => issuer.issue({ role: 'operator', org: 'demo', seconds: 300 })
  const client = openClient({ url: `http://127.0.0.1:${config.port}`, token })
  const run = await sync(
    client,
    system,
    values.reconcile ? 'RECONCILE' : values.full ? 'FULL' : 'INCREMENTAL',
  )
  if (run.error) process.stderr.write(`${run.error}\n`)
  return run.state === 'COMPLETED' && run.failed === 0 ? 0 : 1
}

if (import.meta.main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    process.stderr.write(`${toPublic(error).message}\n`)
    process.exitCode = 1
  }
}
