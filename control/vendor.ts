import type { NewEvent } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Principal } from '#kernel/principal.ts'
import type { ContestedField } from '#sync/conflicts.ts'
import type { DeadLetter } from '#sync/dead-letters.ts'
import type { Choice, Consequences } from '#sync/resolve.ts'
import type { RunProgress } from '#sync/run.ts'
import type { Values } from '#sync/values.ts'

/**
 * vendor  another system that a subgraph keeps in step, as far as has to be known of it to let people say what is done with it
 * asking  somebody of an organisation, with its rows at hand: what every context of a subgraph is
 */
export interface Asking {
  orgId: string
  principal: Principal
  clock: Clock
  db: { read<T>(orgId: string, run: (tx: object) => Promise<T>): Promise<T> }
  write<T>(run: (tx: object) => Promise<T>): Promise<T>
}

/** What people tell the engine, by the name that it has where no vendor has to be told apart. */
export type Verb =
  | 'startSync'
  | 'planSync'
  | 'undoRun'
  | 'approvePlan'
  | 'approveRun'
  | 'cancelSync'
  | 'replayDeadLetters'
  | 'dismissDeadLetter'
  | 'resolveConflict'
  | 'savePolicy'
  | 'importPolicy'

/** Why a connection cannot be read now. */
export type Standstill = 'ambiguous' | 'signed out' | 'outward' | 'paused'

/** A connection as far as telling something about it goes. */
export interface Connection {
  id: string
  /** Left out where ended ones are not among them. */
  disconnected_at?: Date | null
}

/** How what was done is told. */
export interface Telling {
  /** What the audit calls a verb. */
  actions: Readonly<Record<Verb, string>>
  /** Tells others how far a run is. */
  progressed(run: RunProgress): NewEvent
}

/** Which connections there are, and what is kept in step by them. */
export interface Reached<Row extends Connection> {
  connections(tx: object, orgId: string): Promise<readonly Row[]>
  /** Why a connection cannot be read now; undefined when it can. */
  standstill(tx: object, row: Row): Promise<Exclude<Standstill, 'ambiguous'> | undefined>
  /** Kinds of record, as the vendor names them. */
  types: readonly string[]
}

/** A value that a person said: a text, a list, or nothing. */
export interface Said {
  text: string | null
  items: readonly string[] | null
}

/** What is the vendor's own about conflicts. */
export interface Contested<Asker> {
  /** What the graph calls a conflict. */
  conflict: string
  /** Tells others that a conflict waits for somebody, or no longer does. */
  contested(conflict: ContestedField): NewEvent
  /** Which fields of a kind of record are settled together, by any of these connections. */
  partners(
    tx: object,
    orgId: string,
    connectionIds: readonly string[],
  ): Promise<(type: string, field: string) => readonly string[]>
  /** What somebody said as a value of the field, or why it cannot be one. */
  checked(
    tx: object,
    orgId: string,
    conflict: ContestedField,
    said: Said,
  ): Promise<Choice | { wrong: string }>
  /** What the hub holds of records, by our ids. */
  held(tx: object, type: string, localIds: readonly string[]): Promise<ReadonlyMap<string, Values>>
  /** Changes records here, as was decided, in the same transaction. */
  change(
    ctx: Asker,
    tx: object,
    place: { connectionId: string; type: string },
    changes: Consequences,
    at: Date,
  ): Promise<unknown>
}

/** What of the vendor is given up and tried again in a way of its own. */
export interface Apart {
  /** A kind that is no record. */
  type: string
  again(tx: object, orgId: string, letters: readonly DeadLetter[], at: Date): Promise<void>
}

/** All of it. */
export interface Vendor<Asker extends Asking, Row extends Connection>
  extends Telling,
    Reached<Row>,
    Contested<Asker> {
  apart?: Apart
}
