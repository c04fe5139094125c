import type { SimReply, SimRequest } from './exchange.ts'
import type { LimitPolicy } from './limits.ts'

/** A request that is refused because of a limit or a ban. */
export interface TooSoon {
  portal: string
  policy: string
  retryAfterSeconds?: number
  freeInMs?: number
}

/**
 * What a simulated system must bring; everything else (HTTP, journal, faults, limits, bans, clock, control plane) is shared.
 * A vendor holds its records in memory for as long as the process lives.
 */
export interface SimulatedVendor {
  /** Shown by `/_sim`, such as `hubspot`. */
  readonly name: string
  readonly policies: readonly LimitPolicy[]
  /** Whom a request speaks for, by its credential; empty when it has none that is valid. Limits and bans are per portal. */
  portalOf(request: SimRequest): string
  /** Names of the limits that a request counts against. */
  policiesOf(request: SimRequest): readonly string[]
  /** Answers one request. What it throws is answered 500. @param granted the limits as they are now, for vendors that tell them */
  handle(request: SimRequest, portal: string, granted: readonly LimitPolicy[]): SimReply | Promise<SimReply>
  /**
   * The vendor's way to refuse a request that came too soon. `retryAfterSeconds` is set when a script wants the header to be sent;
   * `freeInMs` tells when a limit admits one again, for vendors that say so.
   */
  tooMany(refusal: TooSoon): SimReply
  /** Headers that tell an admitted caller what is left of its limits. */
  limitHeaders(
    request: SimRequest,
    left: Readonly<Record<string, number>>,
    policies: readonly LimitPolicy[],
  ): Record<string, string>
  /** Something happens to the vendor in the middle of a script (`expire-token`, `change-record`). Throws ControlRefusal for what it does not know. */
  trigger(name: string, detail: Readonly<Record<string, unknown>>, portal: string): void
  /** Settings that come with a fault script, such as `{ indexLagMs: 30000 }`. Throws ControlRefusal for one it does not know. */
  configure(settings: Readonly<Record<string, unknown>>): void
  /** The settings as they are. */
  settings(): Record<string, unknown>
  /** Control calls of this vendor alone: `records/…`, `seed`. `path` is without `/_sim/`. Undefined when it has no such call. */
  control(request: SimRequest, path: string): SimReply | undefined
}
