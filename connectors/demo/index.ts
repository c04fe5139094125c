/**
 * The demo world that the simulators and the telephony demo data are made from. `new Universe({ seed, companies })`
 * makes it; ask it for a business, a person, an RFQ … by index.
 */
export type { Note, Task } from './activities.ts'
export type { Business, Face, Story, System } from './business.ts'
export { type Lifecycle, PART_NUMBERS, type Part, type PartParameter, type StockRow } from './parts.ts'
export type { Person } from './people.ts'
export { hash, KIND, share } from './random.ts'
export { DEMO_RATE_PLANS, type DemoRatePlan } from './rate-plans.ts'
export type { DemoRfq, DemoRfqLine, RfqState } from './rfqs.ts'
export { DEAL_STAGES, type Deal, type DealStage, TICKET_CATEGORIES, type Ticket } from './selling.ts'
export type { Offer, Supplier } from './suppliers.ts'
export type { BillingAccount, DayOfUsage, DemoNumber, DemoTrunk } from './telephony.ts'
export type { Trade } from './transactions.ts'
export {
  DEFAULT_ANCHOR,
  type HubSpotKind,
  recordId,
  recordIndex,
  type Truth,
  Universe,
  type UniverseOptions,
} from './universe.ts'
