import { sql } from 'kysely'
import { inSavepoint, over } from '#db/client.ts'
import { codeOf, isConnectionLost, isContention } from '#db/errors.ts'
import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { asFollowing } from '#telemetry/traces.ts'
import type { EventDatabase, LoggedEvent } from './event.ts'
import type { Place } from './log-rows.ts'
import { type Apply, type Inlet, park, parkedKeys, reasonOf } from './parking.ts'

export interface InboxOptions extends Inlet {
  database: EventDatabase
  clock: Clock
  log: Log
  apply: Apply
}

/** Another process leads this consumer now. */
export class Deposed extends Error {}

// An error that says "later" is believed so often; then the event is parked like any other, or it would hold up its organisation.
const MOST_TRIES = 5

/** Where a consumer's events take effect, and where it is kept how far they did: in the same transaction. */
export class Inbox {
  readonly #options: InboxOptions
  readonly #tries = new WeakMap<LoggedEvent, number>()
  #epoch = 0

  constructor(options: InboxOptions) {
    this.#options = options
  }

  /**
   * Takes the consumer over from whoever led it.
   * @param names what it wants from now on; empty: everything
   * @returns where to go on (null: from a snapshot), the newest place it knows of, and of which names it lacks the state
   *   because it did not want them before
   */
  enter(
    names: readonly string[],
  ): Promise<{ position: number | null; seen: Place | undefined; lacks: readonly string[] | undefined }> {
    const { database, name, source } = this.#options
    return database.relay(async (tx) => {
      const { rows } = await sql<{ pos: number | null; epoch: number; names: string[] } & KnownPlace>`
        insert into events.cursors as cursor (consumer, source, pos, epoch) values (${name}, ${source}, null, 1)
        on conflict (consumer, source) do update set epoch = cursor.epoch + 1
        returning pos, epoch, names, seen, stamp`.execute(over(tx))
      const { pos, epoch, names: before } = rows[0]!
      // An organisation may be ahead of what was last kept for all.
      const { rows: ahead } = await sql<KnownPlace>`
        select pos as seen, stamp from events.marks
        where consumer = ${name} and source = ${source} and stamp is not null order by pos desc limit 1`.execute(
        over(tx),
      )
      const known = [rows[0]!, ...ahead].flatMap(({ seen, stamp }) =>
        seen !== null && stamp !== null ? [{ position: seen, stamp }] : [],
      )
      this.#epoch = epoch
      const added = names.filter((each) => !before.includes(each))
      const widens = before.length > 0 && (names.length === 0 || added.length > 0)
      return {
        position: pos,
        seen: known.sort((a, b) => b.position - a.position)[0],
        lacks: pos !== null && widens ? added : undefined,
      }
    })
  }

  /** From now on events of these names, and only these, are kept up with. @throws Deposed */
  async saveNames(names: readonly string[]): Promise<void> {
    const { database, name, source } = this.#options
    await database.relay(async (tx) => {
      await this.#fence(tx)
      await sql`update events.cursors set names = ${names}
        where consumer = ${name} and source = ${source} and names <> ${names}::text[]`.execute(over(tx))
    })
  }

  /** Keeps the low-water mark, and how far the source was looked through. @throws Deposed */
  async save(position: number, seen: Place): Promise<void> {
    const { database, name, source } = this.#options
    await database.relay(async (tx) => {
      const { numAffectedRows } = await sql`
        update events.cursors set pos = ${position}, seen = ${seen.position}, stamp = ${seen.stamp ?? null}
        where consumer = ${name} and source = ${source} and epoch = ${this.#epoch}`.execute(over(tx))
      if (!numAffectedRows) throw new Deposed('another process leads this consumer')
    })
  }

  /** A snapshot is in: from here on only events after its position count, wherever the organisations were before. @throws Deposed */
  async saveSnapshot({ position, stamp }: Place): Promise<void> {
    const { database, name, source } = this.#options
    await database.relay(async (tx) => {
      await this.#fence(tx)
      await sql`update events.cursors set pos = ${position}, seen = ${position}, stamp = ${stamp ?? null}
        where consumer = ${name} and source = ${source}`.execute(over(tx))
      await sql`update events.marks set pos = ${position}, stamp = ${stamp ?? null} where consumer = ${name} and source = ${source}`.execute(
        over(tx),
      )
    })
  }

  /**
   * Applies events of one organisation, in order, each exactly once: first all together, and when that fails one by one.
   * @returns the position up to which they took effect or were parked; less than the last when one must be tried again later
   */
  async deliver(orgId: string, events: LoggedEvent[]): Promise<number> {
    const { source } = this.#options
    const said = { 'hub.source': source, 'hub.events': events.length }
    const traces = events.map(({ trace }) => trace)
    const upTo = await asFollowing(`events of ${source}`, traces, said, () => this.#run(orgId, events, true))
    return upTo === events.length ? events.at(-1)!.pos : events[upTo]!.pos - 1
  }

  /**
   * Applies state of one organisation out of a snapshot; it may be applied again.
   * @returns how many of the events are done
   * @throws Deposed
   */
  deliverState(orgId: string, events: LoggedEvent[]): Promise<number> {
    return this.#run(orgId, events, false)
  }

  async #run(orgId: string, events: LoggedEvent[], once: boolean): Promise<number> {
    const { database, log, source } = this.#options
    try {
      return await database.transaction(orgId, (tx) => this.#together(tx, orgId, events, once))
    } catch (error) {
      if (error instanceof Deposed) throw error
      log.info(
        { source, orgId, reason: reasonOf(error), events: events.length },
        'applies a batch one by one',
      )
      return database.transaction(orgId, (tx) => this.#oneByOne(tx, orgId, events, once))
    }
  }

  async #together(tx: object, orgId: string, events: LoggedEvent[], once: boolean): Promise<number> {
    const { done, blocked } = await this.#begin(tx, orgId, events, once ? markOf(events.at(-1)!) : undefined)
    const fresh = events.filter(({ pos }) => pos > done)
    const ready = fresh.filter(({ key }) => !blocked.has(key))
    const behind = fresh.filter(({ key }) => blocked.has(key))
    if (ready.length > 0) await this.#options.apply(tx, orgId, ready, !once)
    if (behind.length > 0) await park(tx, this.#options, behind, null, this.#options.clock.now())
    return events.length
  }

  async #oneByOne(tx: object, orgId: string, events: LoggedEvent[], once: boolean): Promise<number> {
    const before = { position: events[0]!.pos - 1 }
    const { done, blocked } = await this.#begin(tx, orgId, events, once ? before : undefined)
    let count = 0
    for (const event of events) {
      if (event.pos > done) {
        if (blocked.has(event.key)) await park(tx, this.#options, [event], null, this.#options.clock.now())
        else {
          const outcome = await this.#alone(tx, orgId, event, !once)
          if (outcome === 'later') break
          if (outcome === 'parked') blocked.add(event.key)
        }
      }
      count++
    }
    if (once && count > 0) await this.#mark(tx, orgId, markOf(events[count - 1]!))
    return count
  }

  async #alone(
    tx: object,
    orgId: string,
    event: LoggedEvent,
    isState: boolean,
  ): Promise<'applied' | 'later' | 'parked'> {
    const { apply, clock, log, name, source } = this.#options
    try {
      await inSavepoint(tx, () => apply(tx, orgId, [event], isState))
      return 'applied'
    } catch (error) {
      // The whole transaction is lost, or is best run again as a whole.
      if (isConnectionLost(error) || isContention(error)) throw error
      const tries = (this.#tries.get(event) ?? 0) + 1
      this.#tries.set(event, tries)
      const reason = reasonOf(error)
      if (isTransient(error) && tries < MOST_TRIES) return 'later'
      await park(tx, this.#options, [event], reason, clock.now())
      // Not the error itself: its sentence may quote the payload.
      log.error(
        { consumer: name, source, orgId, pos: event.pos, event: event.name, reason, at: placeOf(error) },
        'parked an event',
      )
      return 'parked'
    }
  }

  /**
   * Locks the organisation's mark, so that no two processes apply its events at once, and moves it to `upTo`.
   * Without `upTo` (a snapshot) the leader's epoch is the guard.
   */
  async #begin(tx: object, orgId: string, events: LoggedEvent[], upTo: Place | undefined) {
    let done = -1
    let parked = 1
    if (upTo === undefined) await this.#fence(tx)
    else ({ done, parked } = await this.#mark(tx, orgId, upTo))
    const keys = events.map(({ key }) => key)
    const blocked = parked > 0 ? await parkedKeys(tx, this.#options, keys) : new Set<string>()
    return { done, blocked }
  }

  async #mark(
    tx: object,
    orgId: string,
    { position, stamp }: Place,
  ): Promise<{ done: number; parked: number }> {
    const { name, source } = this.#options
    const { rows } = await sql<{ done: number | null; parked: number }>`
      insert into events.marks as mark (consumer, source, org_id, pos, stamp)
      values (${name}, ${source}, ${orgId}, ${position}, ${stamp ?? null})
      on conflict (consumer, source, org_id) do update set pos = greatest(mark.pos, excluded.pos),
        stamp = case when excluded.pos > mark.pos then excluded.stamp else mark.stamp end
      returning old.pos as done, new.parked as parked`.execute(over(tx))
    return { done: rows[0]!.done ?? 0, parked: rows[0]!.parked }
  }

  async #fence(tx: object): Promise<void> {
    const { name, source } = this.#options
    const { rows } = await sql<{ epoch: number }>`
      select epoch from events.cursors where consumer = ${name} and source = ${source} for share`.execute(
      over(tx),
    )
    if (rows[0]?.epoch !== this.#epoch) throw new Deposed('another process leads this consumer')
  }
}

/** The newest place kept, as its columns are. */
interface KnownPlace {
  seen: number | null
  stamp: string | null
}

const markOf = ({ pos, stamp }: LoggedEvent): Place => ({ position: pos, stamp })

const isTransient = (error: unknown): boolean =>
  isHubError(error) ? error.retry !== 'never' : /^(53|57014|55P03|25006)/.test(codeOf(error) ?? '')

const placeOf = (error: unknown): string[] =>
  error instanceof Error
    ? (error.stack
        ?.split('\n')
        .filter((line) => /^ {4}at /.test(line))
        .slice(0, 5) ?? [])
    : []
