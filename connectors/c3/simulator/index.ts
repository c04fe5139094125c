import type { Clock } from '#kernel/clock.ts'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { C3Vendor, type C3World } from './vendor.ts'

/** The key that the simulated C3 accepts unless another is given. */
export const DEMO_API_KEY = 'c3-demo-key'

export interface C3SimulatorOptions extends C3World {
  /** 0 takes a free port. */
  port: number
  host?: string
  clock: Clock
  apiKey?: string
}

/** Starts a C3 over the demo world. Its state lives as long as the process. Throws when the port is taken. */
export const startC3Simulator = ({
  port,
  host,
  clock,
  apiKey = DEMO_API_KEY,
  ...world
}: C3SimulatorOptions): Promise<Simulator> =>
  startSimulator({
    port,
    clock,
    vendor: (vendorClock) => new C3Vendor(vendorClock, apiKey, world),
    ...(host === undefined ? {} : { host }),
  })
