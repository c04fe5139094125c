/** Gateways over a real hub, and over nothing else: for what hub and gateways decide together. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Issuer, openIssuer } from '#gateway/identity/issuer.ts'
import type { GatewayOptions, RunningGateway } from '#gateway/index.ts'
import { TestClock } from '#kernel/clock.ts'
import { type PrincipalSeal, principalSeal } from '#kernel/principal.ts'
import { startTestHub, type TestHub } from '#test/hub/hub.ts'
import { openGateway, post } from '#test/kit/gateway.ts'
import { PART_NAMES, SECRET } from '#test/kit/graph.ts'
import { ask } from '#test/service/graph.ts'

export interface HubBehind extends AsyncDisposable {
  hub: TestHub
  clock: TestClock
  issuer: Issuer
  seal: PrincipalSeal
  /** Another gateway over the same hub. */
  gateway(options?: Partial<GatewayOptions>): Promise<RunningGateway>
  /** Runs an operation on hub itself as its administrator: no gateway counts it. */
  run<T>(query: string, variables?: object): Promise<T>
  /** Stops hub. */
  down(): Promise<void>
}

/** Starts hub on a clock that stands still until it is told to move. */
export const startHubBehind = async (): Promise<HubBehind> => {
  const stack = new AsyncDisposableStack()
  const clock = new TestClock('2026-03-01T08:00:00Z')
  const seal = principalSeal(SECRET, clock)
  const home = mkdtempSync(join(tmpdir(), 'hub-behind-'))
  stack.defer(() => rmSync(home, { recursive: true, force: true }))
  const hub = await startTestHub({ clock, seal })
  let isUp = true
  const down = async () => {
    if (isUp) await hub[Symbol.asyncDispose]()
    isUp = false
  }
  stack.defer(down)
  const issuer = await openIssuer({ home, clock })
  const subgraphs = Object.fromEntries(PART_NAMES.map((name) => [name, hub.url]))
  const orgId = '00000000-0000-4000-8000-000000000001'
  const admin = { kind: 'user', id: 'demo:admin', orgId, scopes: ['*'] } as const
  return {
    ...{ hub, clock, issuer, seal, down },
    gateway: async (options = {}) => stack.use(await openGateway(issuer, subgraphs, { clock, ...options })),
    run: async (query, variables) => {
      const { data, errors } = await ask(hub.url, await seal.sign(admin), query, { ...variables })
      if (errors) throw new Error(JSON.stringify(errors))
      return data as never
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Asks a gateway who one is: the cheapest question there is. */
export const whoAmI = ({ url }: { url: string }, token: string) =>
  post(`${url}/graphql`, { query: '{ viewer { id } }' }, token)
