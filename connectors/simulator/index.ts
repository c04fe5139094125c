/**
 * What every simulated system shares. A simulator is `startSimulator({ port, clock, vendor })` around a SimulatedVendor:
 * the vendor answers requests and keeps records; journal, limits, bans, faults, clock and `/_sim` come from here.
 */
export { SimulatorClock } from './clock.ts'
export { type Attempt, Deliveries, type Manner, type Posting } from './deliveries.ts'
export { deliveryControl, setDelivery } from './delivery-control.ts'
export { ControlRefusal, controlBody, type SimReply, type SimRequest } from './exchange.ts'
export type { FaultAction, FaultRule } from './faults.ts'
export { busiest, type JournalEntry } from './journal.ts'
export type { LimitPolicy } from './limits.ts'
export { NO_MISHAPS, readMishaps } from './mishaps.ts'
export { type Simulator, type SimulatorOptions, startSimulator } from './server.ts'
export type { SimulatedVendor, TooSoon } from './vendor.ts'
