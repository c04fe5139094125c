/**
 * planning  one request that is run to its end and then undone, so that it can say what it would do; or, with `expects`, one
 *           that is undone only when it turns out to do something else than what somebody has confirmed
 * digest    what was written, as a hash that is the same each time: ids and secrets made on the way and the time of day are left out
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from './clock.ts'
import { define } from './errors.ts'

export const PlanNeedsVendor = define('PLAN_NEEDS_VENDOR', {
  status: 409,
  retry: 'never',
  says: 'This asks {vendor} while it runs, so what it would change cannot be told beforehand. Send it without planning.',
})

export const PlanMoved = define('PLAN_MOVED', {
  status: 409,
  retry: 'never',
  says: 'What this would change is no longer what was confirmed, so nothing was changed. Look at the new plan and confirm that one.',
})

/** How the gateway tells a subgraph: only plan it · do it if it is what this hash stands for. */
export const PLAN_HEADERS = { plan: 'x-hub-plan', expects: 'x-hub-expects' } as const

/** So many rows of a table would come, change or go. */
export interface Change {
  table: string
  operation: 'insert' | 'update' | 'delete'
  count: number
}

/** A transaction that stays open until the planning ends. */
export interface Held {
  changes(): Promise<Change[]>
  commit(): Promise<void>
  rollback(): Promise<void>
}

const storage = new AsyncLocalStorage<Planning>()
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g
const FAR_MS = 400 * 86_400_000
/** What is worked out from the time lies whole minutes from it; what is kept does so once in sixty thousand plans. */
const STEP_MS = 60_000

/** What a request would do, while it is run. Everything below it finds it by `Planning.current()`. */
export class Planning {
  /** Stands still, so that what is worked out from the time can be told from times that are data. */
  readonly clock: Clock
  readonly events: { name: string; key: string }[] = []
  readonly jobs: string[] = []
  readonly digests: string[] = []
  readonly held: Promise<Held>[] = []
  /** Tells it from every other one. */
  readonly token = randomUUID()
  /** Calls to vendors that follow once it is done, by whom they ask. */
  readonly calls: string[] = []
  readonly expects: string | undefined
  readonly #ids = new Set<string>()
  readonly #texts = new Set<string>()
  readonly #later: (() => Promise<unknown>)[] = []
  readonly #at: number
  #vendor: string | undefined
  #state: 'running' | 'done' | 'undone' = 'running'

  /** @param expects the hash that was confirmed; without it nothing is kept whatever it is */
  constructor(clock: Clock, expects?: string) {
    this.expects = expects
    const now = clock.now().getTime()
    // Never at a whole second: times that people and vendors write would look as if worked out from it.
    this.#at = now % 1000 === 0 ? now + 1 : now
    this.clock = { now: () => new Date(this.#at) }
  }

  /** The planning that the caller runs in; undefined when what it does takes effect. */
  static current(): Planning | undefined {
    const planning = storage.getStore()
    return planning && planning.#state !== 'done' ? planning : undefined
  }

  run<T>(work: () => T): T {
    return storage.run(this, work)
  }

  /** Whether nothing of it may be kept. */
  get isDry(): boolean {
    return this.expects === undefined
  }

  get isOver(): boolean {
    return this.#state !== 'running'
  }

  /** Whom a command wanted to ask and was kept from asking. */
  get vendor(): string | undefined {
    return this.#vendor
  }

  /** Keeps a vendor from being asked. @throws PLAN_NEEDS_VENDOR, and remembers it should the command swallow it */
  refuse(vendor: string): never {
    this.#vendor ??= vendor
    throw PlanNeedsVendor.with({ vendor })
  }

  madeId(id: string): void {
    this.#ids.add(id)
  }

  madeText(text: string): void {
    this.#texts.add(text)
  }

  /** Whether it came about by chance, so that another time it would be another one. */
  isMade(text: string): boolean {
    return this.#ids.has(text) || this.#texts.has(text)
  }

  /** Notes what was written somewhere, such as a statement with its values. */
  wrote(...what: unknown[]): void {
    this.digests.push(createHash('sha256').update(this.#settled(what)).digest('base64'))
  }

  later(vendor: string, work: () => Promise<unknown>): void {
    this.calls.push(vendor)
    this.#later.push(work)
  }

  /** Where the notes stand, for `back`. */
  mark(): readonly number[] {
    return this.#lists().map((list) => list.length)
  }

  /** Forgets what was noted since: that part of it was undone. */
  back(mark: readonly number[]): void {
    for (const [n, list] of this.#lists().entries()) list.length = mark[n] ?? 0
  }

  async commit(): Promise<void> {
    for (const held of await Promise.all(this.held)) await held.commit()
    this.#state = 'done'
    for (const work of this.#later) await work()
  }

  /** Undoes whatever is not committed. Safe to call at any time, also again. */
  async end(): Promise<void> {
    if (this.#state === 'running') this.#state = 'undone'
    for (const held of await Promise.allSettled(this.held))
      if (held.status === 'fulfilled') await held.value.rollback()
  }

  #lists(): unknown[][] {
    return [this.events, this.jobs, this.digests, this.calls, this.#later]
  }

  /** As text, without what differs from one run to the next. */
  #settled(value: unknown): string {
    let text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one))
    text = text.replace(UUID, (id) => (this.#ids.has(id) ? 'made' : id))
    for (const made of this.#texts) text = text.replaceAll(made, 'made')
    return text.replace(TIME, (time) => {
      const ms = Date.parse(time) - this.#at
      return ms % STEP_MS === 0 && Math.abs(ms) < FAR_MS ? `now+${ms}` : time
    })
  }
}

/**
 * Says that a text or bytes came about by chance, and another time would be other ones.
 * @param from what it was worked out from, where it is by chance only when that is
 * @returns what it was given
 */
export const byChance = <T extends string | Buffer>(value: T, from?: string): T => {
  const planning = Planning.current()
  if (!planning || (from !== undefined && !planning.isMade(from))) return value
  if (typeof value === 'string') planning.madeText(value)
  // As JSON writes bytes.
  else planning.madeText(JSON.stringify(value.toJSON().data))
  return value
}

/** Asks a vendor once what was done here is kept: at once, or when the planning under way is committed; never when it is only a plan. */
export const afterwards = async (vendor: string, ask: () => Promise<unknown>): Promise<void> => {
  const planning = Planning.current()
  if (planning) planning.later(vendor, ask)
  else await ask()
}
