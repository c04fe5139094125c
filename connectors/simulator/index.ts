/**
 * What every simulated system shares. A simulator is `startSimulator({ port, clock, vendor })` around a SimulatedVendor:
 * the vendor answers requests and keeps records; journal, limits, bans, faults, clock and `/_sim` come from here.
 */
export { SimulatorClock } from './clock.ts'
export { ControlRefusal, controlBody, type SimReply, type SimRequest } from './exchange.ts'
export type { FaultAction, FaultRule } from './faults.ts'
export { busiest, type JournalEntry } from './journal.ts'
export type { LimitPolicy } from './limits.ts'
export { type Simulator, type SimulatorOptions, startSimulator } from './server.ts'
export type { SimulatedVendor } from './vendor.ts'
