import { type HubSpot, type HubSpotOptions, openHubSpot } from '#connectors/hubspot/index.ts'
import { DEMO_TOKEN, startHubSpotSimulator } from '#connectors/hubspot/simulator/index.ts'
import { memoryLimiter } from '#connectors/limiter.ts'
import { openLog } from '#kernel/log.ts'
import { type Control, controlOf, type Journal } from '#test/kit/simulator.ts'
import { type PausingClock, steppedClock } from './stepped-clock.ts'

const LIMITS = { burst: { max: 100, intervalMs: 10_000 }, search: { max: 5, intervalMs: 1_000 } }

/** The simulated portal and a client of it on one clock that goes on only while nothing works. */
export interface SimulatedPortal extends AsyncDisposable {
  hubspot: HubSpot
  /** Another client of it; further options override. */
  open(options?: Partial<HubSpotOptions>): HubSpot
  sim: Control
  journal(): Promise<Journal>
  clock: PausingClock
}

/** @param options `limits`: whether the portal has its limits, and the client knows them */
export const startPortal = async (companies: number, { limits = true } = {}): Promise<SimulatedPortal> => {
  const clock = steppedClock()
  const simulator = await startHubSpotSimulator({ port: 0, companies, clock })
  const limiter = memoryLimiter({
    clock,
    pause: clock.pause,
    marginMs: 200,
    ...(limits ? { limits: LIMITS } : {}),
  })
  const open: SimulatedPortal['open'] = (options) =>
    openHubSpot({
      baseUrl: simulator.url,
      token: async () => DEMO_TOKEN,
      limiter,
      clock,
      pause: clock.pause,
      log: openLog('test', 'silent'),
      random: () => 0.5,
      ...options,
    })
  const sim = controlOf(simulator.url)
  if (!limits) await sim('limits', { off: true })
  return {
    hubspot: open(),
    open,
    sim,
    journal: () => sim<Journal>('journal'),
    clock,
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  }
}
