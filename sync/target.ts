import type { NewEvent } from '#events/outbox.ts'
import type { Conflict } from './decisions.ts'
import type { Outgoing } from './outgoing.ts'
import type { Plan } from './plan.ts'
import type { RunProgress } from './run.ts'
import type { Write } from './sink.ts'
import type { SourceRecord } from './source.ts'
import type { Values } from './values.ts'

/** Around one plan that is being executed. */
export interface Applying {
  orgId: string
  connectionId: string
  /** The run that brings the records; undefined when they are read by themselves, because of signals. */
  runId: string | undefined
  /** Our clock, when the transaction began. */
  at: Date
}

/** A record that the source knows by another id now; `to` null: that it no longer has. */
export interface Moved {
  from: string
  to: string | null
}

/** A write that the source has refused, and why. */
export interface RefusedWrite extends Write {
  error: unknown
}

/**
 * The hub's own tables, as the engine writes them. Every method runs inside the page's transaction and sends a number of
 * statements that does not depend on the number of records.
 */
export interface Target {
  /** Whether a record takes part at all, by the rules of people. One that the hub holds and that no longer does leaves it. */
  takesPart?(type: string, record: SourceRecord): boolean
  /**
   * Which of a page's records may be taken in, and as what: asked first of all in the page's transaction, so that what it
   * locks holds until the commit. Records it leaves out count as skipped.
   */
  admit?(
    tx: object,
    type: string,
    records: readonly SourceRecord[],
    around: Applying,
  ): Promise<readonly SourceRecord[]>
  /** What the hub holds now, by local id, in the source's field names: one statement. Records it does not hold are absent. */
  current(tx: object, type: string, localIds: readonly string[]): Promise<ReadonlyMap<string, Values>>
  /** What the hub held of records before it was first written over in a span of time; absent where nobody knows. One statement. */
  before?(
    tx: object,
    type: string,
    localIds: readonly string[],
    span: { from: Date; until: Date },
  ): Promise<ReadonlyMap<string, Values>>
  /** Executes a plan on the domain's tables. @returns events to publish in the same transaction, in order */
  apply(tx: object, plan: Plan, around: Applying): Promise<NewEvent[]>
  /** How others are told of what somebody has to decide, or no longer has to. */
  contested?(conflicts: readonly Conflict[]): NewEvent[]
  /** Types whose records name records of a type, in an order that is the same for all types. */
  namedBy?(type: string): readonly string[]
  /**
   * Records that were only here have got ids at the source: the place to let what names them name them so. The turns of `namedBy`
   * are taken.
   * @returns records that waited for that, and can be written now
   */
  named?(
    tx: object,
    type: string,
    named: readonly { placeholder: string; externalId: string }[],
    around: Applying,
  ): Promise<readonly Outgoing[]>
  /**
   * Records that others name have other ids at the source by now, or are gone there: the place to let what waits to be written name
   * them so. The turns of `namedBy` are taken.
   * @returns records that are to be written for that, or for which it is to be found out whether they still can
   */
  moved?(tx: object, type: string, moved: readonly Moved[], around: Applying): Promise<readonly Outgoing[]>
  /**
   * The source has refused writes: the place to give up what of them can never be, such as a link to what it no longer has.
   * @returns records of which something else is left to write, or of which nobody need be told
   */
  refused?(
    tx: object,
    type: string,
    writes: readonly RefusedWrite[],
    around: Applying,
  ): Promise<readonly Outgoing[]>
  /** The source has taken writes, `fields` as it took them: the place to note what it has done besides. */
  written?(tx: object, type: string, writes: readonly Write[], around: Applying): Promise<void>
  /** Records that are gone here have got ids at the source: the place to note them. */
  namedGone?(
    tx: object,
    type: string,
    named: readonly { placeholder: string; externalId: string }[],
    around: Applying,
  ): Promise<void>
  /** The source did not take these fields of any record: the place to note that nobody need try again until it is read anew. */
  untaken?(tx: object, type: string, fields: readonly string[], around: Applying): Promise<void>
  /** How a run's progress is told to others. */
  progressed(run: RunProgress): NewEvent[]
  /** The run ended, in whatever way: the place to note it on the connection. `code` is that of the error, when it failed. */
  ended?(tx: object, run: RunProgress, code: string | null): Promise<NewEvent[]>
}
