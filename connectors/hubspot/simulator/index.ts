import { type Simulator, startSimulator } from '#connectors/simulator/index.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { ObjectType } from '../wire.ts'
import { DEMO_APP, type SimulatedApp } from './app.ts'
import { DEFAULT_BEHAVIOUR } from './behaviour.ts'
import { Credentials } from './credentials.ts'
import type { Edition } from './editions.ts'
import { Portal } from './portal.ts'
import { HubSpotVendor } from './vendor.ts'

/** A portal to simulate. */
export interface SimulatedPortal {
  portalId: number
  /** The private app's token that opens it; without one, only an app that somebody has let in can open it. */
  token?: string
  /** What people call it, on the page that asks for consent. */
  name?: string
  companies: number
  seed: number
  /** What the account was bought as. Default enterprise. */
  edition?: Edition
  /** What the private app may do. Default all that one can be given. */
  scopes?: readonly string[]
}

export interface HubSpotSimulatorOptions {
  /** 0 takes a free port. */
  port: number
  host?: string
  clock: Clock
  /** Companies of the first portal; contacts are 3 ×, deals 0.8 ×, tickets 0.4 × as many. Default 500. */
  companies?: number
  /** Default 7. */
  seed?: number
  /** Default DEMO_PORTAL. */
  portalId?: number
  /** Default DEMO_TOKEN. */
  token?: string
  /** The instant the demo's stories lead up to. Default 2026-11-01T00:00:00Z. */
  anchor?: Date
  /** Made-up text properties of the first portal, per type. */
  customProperties?: Partial<Record<ObjectType, number>>
  /** More portals behind the same address. */
  portals?: readonly SimulatedPortal[]
  /** The app that portals install. What is absent is DEMO_APP's. */
  app?: Partial<SimulatedApp>
  log?: Log
}

export {
  DEMO_APP,
  DEMO_APP_ID,
  DEMO_CLIENT_ID,
  DEMO_CLIENT_SECRET,
  DEMO_DEVELOPER_API_KEY,
  type SimulatedApp,
} from './app.ts'

export const DEMO_PORTAL = 44_180_277
export const DEMO_TOKEN = 'pat-na1-demo-tributary-simulator'

/**
 * Starts HubSpot on this machine. Its records live as long as the process; `/_sim` is its control plane.
 * Throws when the port is taken.
 */
export const startHubSpotSimulator = async (options: HubSpotSimulatorOptions): Promise<Simulator> => {
  const first: SimulatedPortal = {
    portalId: options.portalId ?? DEMO_PORTAL,
    token: options.token ?? DEMO_TOKEN,
    companies: options.companies ?? 500,
    seed: options.seed ?? 7,
    name: 'Tributary demo',
  }
  const wanted = [first, ...(options.portals ?? [])]
  let vendor: HubSpotVendor | undefined
  const simulator = await startSimulator({
    port: options.port,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.log === undefined ? {} : { log: options.log }),
    clock: options.clock,
    vendor(clock) {
      const behaviour = { ...DEFAULT_BEHAVIOUR }
      const portals = wanted.map(
        ({ portalId, seed, companies, name, edition }, i) =>
          new Portal(
            String(portalId),
            {
              seed,
              companies,
              ...(name === undefined ? {} : { name }),
              ...(edition === undefined ? {} : { edition }),
              ...(options.anchor === undefined ? {} : { anchor: options.anchor }),
              ...(i === 0 ? { customProperties: options.customProperties } : {}),
            },
            clock,
            behaviour,
          ),
      )
      const credentials = new Credentials({ ...DEMO_APP, ...options.app }, behaviour, () =>
        options.clock.now().getTime(),
      )
      for (const { token, portalId, scopes } of wanted)
        if (token !== undefined) credentials.addPrivate(token, String(portalId), scopes)
      vendor = new HubSpotVendor(portals, credentials, behaviour, () => clock.now().getTime())
      return vendor
    },
  })
  return {
    url: simulator.url,
    port: simulator.port,
    async [Symbol.asyncDispose]() {
      vendor?.[Symbol.dispose]()
      await simulator[Symbol.asyncDispose]()
    },
  }
}
