import type { Clock } from '#kernel/clock.ts'
import { ControlRefusal, type SimRequest } from './exchange.ts'

/**
 * What goes wrong. `afterCommit` lets the vendor do the work first, so that the caller cannot know that it was done.
 * - `status`: answers that status with that body (a text is sent as it is) and those headers
 * - `hang`: never answers; with `ms`, closes the connection then
 * - `delay`: answers rightly, but late
 * - `hold`: answers rightly, once the rules are taken away
 * - `truncate`: the right answer, cut after `bytes` (default: half); the length header agrees with the cut
 * - `html`: a proxy's error page (default status 502; 200 plays a captive portal)
 * - `trickle`: the right answer, one byte at a time (default 1 byte per second)
 * - `close`: closes the connection without an answer, or after `bytes` of it
 * - `ban`: 429 to this request and to every request of this portal for `ms`; with `retryAfter`, says so
 * - `trigger`: tells the vendor that something happened (an expired token, a changed record) and lets the request go on
 */
export type FaultAction =
  | {
      do: 'status'
      status: number
      body?: unknown
      headers?: Record<string, string>
      afterCommit?: boolean
    }
  | { do: 'hang'; ms?: number; afterCommit?: boolean }
  | { do: 'delay'; ms: number }
  | { do: 'hold'; afterCommit?: boolean }
  | { do: 'truncate'; bytes?: number }
  | { do: 'html'; status?: number; afterCommit?: boolean }
  | { do: 'trickle'; bytesPerSecond?: number }
  | { do: 'close'; bytes?: number; afterCommit?: boolean }
  | { do: 'ban'; ms: number; retryAfter?: boolean; policy?: string }
  | { do: 'trigger'; name: string; detail?: Record<string, unknown> }

const ACTIONS = ['status', 'hang', 'delay', 'hold', 'truncate', 'html', 'trickle', 'close', 'ban', 'trigger']

/** When something goes wrong: every condition given must hold. The first rule that matches a request is played. */
export interface FaultRule {
  /** Name in the journal; made up when absent. */
  id?: string
  method?: string
  /** Regular expression on path and query. */
  path?: string
  /** Regular expression on the body. */
  body?: string
  portal?: string
  /** Only the nth matching request, from 1. */
  nth?: number
  /** Lets that many matching requests pass first. */
  skip?: number
  /** Plays on every kth matching request. */
  every?: number
  /** Plays at most so often. */
  times?: number
  /** Begins so many milliseconds after it was installed. */
  afterMs?: number
  /** Ends so many milliseconds after it began. */
  forMs?: number
  /** From 0 to 1; chance is drawn from the script's seed, so a script always plays the same. */
  probability?: number
  play: FaultAction
}

interface Installed extends FaultRule {
  id: string
  installedAt: number
  matched: number
  played: number
  pathPattern: RegExp | undefined
  bodyPattern: RegExp | undefined
}

/** The script of things that go wrong, played on the base clock. */
export class FaultScript {
  readonly #clock: Clock
  #rules: Installed[] = []
  #named = 0
  #chance = 0x9e3779b9
  #lifting = Promise.withResolvers<void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Adds rules behind those that are there. Throws ControlRefusal for a rule that cannot be read. */
  install(rules: readonly unknown[]): void {
    const installed = rules.map((rule) => this.#read(rule))
    this.#rules.push(...installed)
  }

  clear(): void {
    this.#rules = []
    this.#lifting.resolve()
    this.#lifting = Promise.withResolvers()
  }

  /** Resolves once the rules that are there now are taken away. */
  lifted(): Promise<void> {
    return this.#lifting.promise
  }

  /** The rules with how often each has matched and played. */
  list(): (FaultRule & { matched: number; played: number })[] {
    return this.#rules.map(({ pathPattern: _p, bodyPattern: _b, installedAt: _i, ...rule }) => rule)
  }

  /** The rule to play on a request, counted as played; undefined when all is well. */
  next(request: SimRequest, portal: string): { id: string; play: FaultAction } | undefined {
    const now = this.#clock.now().getTime()
    for (const rule of this.#rules) {
      if (!applies(rule, request, portal, now)) continue
      rule.matched += 1
      if (!due(rule) || !this.#lucky(rule)) continue
      rule.played += 1
      return { id: rule.id, play: rule.play }
    }
    return undefined
  }

  #lucky(rule: Installed): boolean {
    if (rule.probability === undefined) return true
    this.#chance = (Math.imul(this.#chance, 1664525) + 1013904223) >>> 0
    return this.#chance / 2 ** 32 < rule.probability
  }

  #read(raw: unknown): Installed {
    const rule = raw as FaultRule
    if (typeof rule !== 'object' || rule === null || !ACTIONS.includes(rule.play?.do))
      throw new ControlRefusal(`a fault needs play.do, one of ${ACTIONS.join(', ')}`)
    this.#named += 1
    return {
      ...rule,
      id: rule.id ?? `${rule.play.do}-${this.#named}`,
      installedAt: this.#clock.now().getTime(),
      matched: 0,
      played: 0,
      pathPattern: pattern(rule.path),
      bodyPattern: pattern(rule.body),
    }
  }
}

const pattern = (source: string | undefined): RegExp | undefined => {
  if (source === undefined) return undefined
  try {
    return new RegExp(source)
  } catch {
    throw new ControlRefusal(`${source} is not a regular expression`)
  }
}

const applies = (rule: Installed, request: SimRequest, portal: string, now: number): boolean => {
  const begin = rule.installedAt + (rule.afterMs ?? 0)
  return (
    (rule.method === undefined || rule.method.toUpperCase() === request.method) &&
    (rule.portal === undefined || rule.portal === portal) &&
    (rule.pathPattern === undefined || rule.pathPattern.test(request.target)) &&
    (rule.bodyPattern === undefined || rule.bodyPattern.test(request.body)) &&
    now >= begin &&
    (rule.forMs === undefined || now < begin + rule.forMs)
  )
}

const due = (rule: Installed): boolean => {
  const skipped = rule.nth === undefined ? (rule.skip ?? 0) : rule.nth - 1
  const times = rule.nth === undefined ? rule.times : 1
  const position = rule.matched - skipped
  if (position < 1) return false
  if (times !== undefined && rule.played >= times) return false
  return rule.every === undefined || position % rule.every === 0
}
