/**
 * `npm run sync -- hubspot|c3 [--full] [--reconcile]`: runs a sync against the running hub and draws its progress.
 * Ends with 0 only when the run completed and no record failed.
 */
import { parseArgs } from 'node:util'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { sleep, systemClock } from '#kernel/clock.ts'
import {
  CancelSync,
  StartC3Sync,
  StartHubSpotSync,
  SyncEvents,
  SyncRuns,
} from '#operations/generated/documents.ts'
import { readGatewayConfig } from './config.ts'
import { openIssuer } from './identity/issuer.ts'
import { drawing, type Progress } from './progress.ts'

const STARTS = { hubspot: StartHubSpotSync, c3: StartC3Sync }
const LOOK_MS = 2_000
const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED']

interface Result {
  data?: Record<string, unknown> | null
  errors?: { message: string }[]
}

/** Says what is wrong and what to do, for people. */
class Complaint extends Error {}

const asking = (url: string, token: string) => async (query: string, variables: object) => {
  let response: Response
  try {
    response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    })
  } catch (cause) {
    throw new Complaint(`No hub answers at ${url}. Start one with npm start, or set PORT.`, { cause })
  }
  const { data, errors } = (await response.json()) as Result
  if (errors?.length || !data) throw new Complaint(errors?.[0]?.message ?? 'The hub did not answer.')
  return data
}

const run = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      full: { type: 'boolean' },
      reconcile: { type: 'boolean' },
      org: { type: 'string', default: 'demo' },
    },
  })
  const start = STARTS[positionals[0] as keyof typeof STARTS]
  if (!start || (values.full && values.reconcile))
    throw new Complaint('Say which system: npm run sync -- hubspot, or c3. Add --full or --reconcile.')
  const config = readGatewayConfig()
  const url = `http://127.0.0.1:${config.port}`
  const issuer = await openIssuer({ home: config.home, clock: systemClock })
  const token = await issuer.issue({ role: 'operator', org: values.org, name: 'npm run sync' })
  const ask = asking(url, token)
  const mode = values.full ? 'FULL' : values.reconcile ? 'RECONCILE' : 'INCREMENTAL'
  const [answer] = Object.values(await ask(start.text, { mode })) as [
    { message?: string; run?: { id: string } },
  ]
  if (!answer.run) throw new Complaint(answer.message ?? 'The sync was refused.')
  const { id } = answer.run
  process.once('SIGINT', () => {
    void ask(CancelSync.text, { runId: id }).finally(() => process.exit(130))
  })
  return follow({ id, url, token, ask })
}

/** Draws a run until it has ended: by its events, and by looking at it now and then should one be missed. */
const follow = async (options: {
  id: string
  url: string
  token: string
  ask: ReturnType<typeof asking>
}): Promise<number> => {
  const { id, url, token, ask } = options
  const draw = drawing(process.stdout)
  const ended = new AbortController()
  let last: Progress | undefined
  const see = (progress: Progress | undefined) => {
    if (!progress || progress.id !== id || ended.signal.aborted || (last && progress.done < last.done)) return
    last = progress
    draw(progress)
    if (ENDED.includes(progress.state)) ended.abort()
  }
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    shouldRetry: () => true,
  })
  client.subscribe<{ syncEvents: Progress }>(
    { query: SyncEvents.text },
    { next: ({ data }) => see(data?.syncEvents), error: () => undefined, complete: () => undefined },
  )
  while (!ended.signal.aborted) {
    const { syncRuns } = (await ask(SyncRuns.text, { first: 20 })) as { syncRuns: { nodes: Progress[] } }
    see(syncRuns.nodes.find((run) => run.id === id))
    await sleep(LOOK_MS, ended.signal)
  }
  await client.dispose()
  return last?.state === 'COMPLETED' && last.failed === 0 ? 0 : 1
}

if (import.meta.main)
  try {
    process.exitCode = await run()
  } catch (error) {
    if (!(error instanceof Complaint)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
