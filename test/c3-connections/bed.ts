// biome-ignore-all lint/suspicious/noExplicitAny: a test reads whatever it asked for
/** An inventory subgraph that nobody has connected yet, and a simulated C3 that it may be connected to. */
import type { Resolve } from '#connectors/c3/index.ts'
import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import type { DB } from '#db/generated/inventory.ts'
import { systemClock } from '#kernel/clock.ts'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { engineOf } from '#test/kit/engine.ts'
import { recordingLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { controlOf } from '#test/kit/simulator.ts'
import { askSubgraph, DEMO, startWith, TEST_KEY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

const CONNECTED = `__typename ... on C3Connected { integration { id accountId accountName apiVersion
  abilities { capability isOn missingPermission fallback } } } ... on Invalid { field } ... on Refusal { code message }`
const SHOWN = `id webhook { url setAt error secretMadeAt formerSecretUntil } webhooks { waiting failed days { deliveries events duplicates applied } } accountId isDisconnected syncCount lastError lastErrorAt pauses { direction type }
  settings { direction frequency nightly deletePercent changePercent version } abilities { capability isOn missingPermission fallback }
  schedules { name paused pausedBecause }`

interface Options {
  companies?: number
  /** Where C3 reaches the hub. Default: nowhere. */
  publicUrl?: string
  /** Where operators want to be told of alerts. Default: nowhere. */
  opsWebhookUrl?: string
  /** How names become addresses of machines. Default: as the system says. */
  resolve?: Resolve
  /** How the subgraph reaches its database. Default: directly. */
  through?: (url: string) => string
  /** What the hub assumes that C3 grants. Default: everything; undefined: what C3 says. */
  limits?: Parameters<typeof startInventory>[0]['limits']
}

export const connectionBed = async ({
  companies = 12,
  publicUrl,
  opsWebhookUrl,
  through = (url: string) => url,
  resolve,
  ...rest
}: Options = {}) => {
  await using stack = new AsyncDisposableStack()
  const c3 = stack.use(await startC3Simulator({ port: 0, companies, seed: 7, clock: systemClock }))
  const sim = controlOf(c3.url)
  await sim('limits', 'off')
  const test = stack.use(await testDatabase<DB>('inventory'))
  const { log, lines } = recordingLog('info')
  const { owner, app, relay } = test.urls
  const inventory = stack.use(
    await startInventory({
      ...startWith({ owner, app: through(app), relay: through(relay) }, { log }),
      ...{ publicUrl, opsWebhookUrl },
      encryptionKeys: [TEST_KEY],
      pollEveryMs: 0,
      c3Urls: [c3.url],
      limits: 'limits' in rest ? rest.limits : {},
      c3: { patienceMs: 300, ...(resolve ? { resolve } : {}) },
    }),
  )
  const ask = async (text: string, variables: Record<string, unknown> = {}, orgId = DEMO) => {
    const { data, errors } = await askSubgraph(inventory.url, text, variables, {
      ...{ kind: 'user', id: 'user:test', orgId, scopes: ['*'] },
    })
    if (errors) throw new Error(JSON.stringify(errors))
    return Object.values(data)[0] as Record<string, any>
  }
  const engine = (connectionId: string) =>
    engineOf({ database: test.database as never, clock: systemClock, orgId: DEMO, connectionId, sim })
  const rows = (table: string) =>
    test.database.read(DEMO, (tx) =>
      tx
        .selectFrom(table as never)
        .selectAll()
        .execute(),
    ) as Promise<Record<string, any>[]>
  const all = stack.move()
  return {
    ...{ sim, lines, ask, rows, engine, database: test.database, url: c3.url },
    ...{ inventoryUrl: inventory.url, adminUrl: test.adminUrl },
    connect: (input: Record<string, unknown> = {}, orgId = DEMO) =>
      ask(
        `mutation ($input: ConnectC3Input!) { connectC3(input: $input) { ${CONNECTED} } }`,
        { input: { baseUrl: c3.url, apiKey: DEMO_API_KEY, ...input } },
        orgId,
      ),
    rotate: (apiKey: string, integrationId?: string) =>
      ask(
        `mutation ($id: ID, $apiKey: String!) { rotateC3Key(integrationId: $id, apiKey: $apiKey) { ${CONNECTED} } }`,
        { id: integrationId, apiKey },
      ),
    /** The connection as the graph shows it. */
    shown: async (id: string) =>
      (
        (await ask(
          `query ($of: [_Any!]!) { _entities(representations: $of) { ... on C3Integration { ${SHOWN} } } }`,
          {
            of: [{ __typename: 'C3Integration', id }],
          },
        )) as unknown as Record<string, any>[]
      )[0] as Record<string, any>,
    runs: () => rows('sync.runs'),
    /** Waits until no run is left to be done. */
    calm: () =>
      until(async () => {
        const runs = await rows('sync.runs')
        return runs.length > 0 && runs.every((run) => run.finished_at !== null)
      }),
    /** What was written of who changed what, oldest first. */
    audited: async () => (await rows('service.audit_log')).map(({ action, diff }) => ({ action, diff })),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type ConnectionBed = Awaited<ReturnType<typeof connectionBed>>
