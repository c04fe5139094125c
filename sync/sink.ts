import type { FieldValue, Values } from './values.ts'

/** What is done at the source with one record of ours. */
export interface Write {
  /** Its place in the ledger: sent along, where the source keeps such a thing. */
  id: string
  localId: string
  /** Undefined while the source does not have the record. */
  externalId: string | undefined
  operation: 'CREATE' | 'UPDATE' | 'ARCHIVE'
  /** What both sides had agreed on, and what the source is to have. */
  fields: Readonly<Record<string, { from: FieldValue; to: FieldValue }>>
  /** The state of the record that was read and compared: no newer one is to be written over. Undefined where it does not matter. */
  revision?: string | undefined
}

/** A record that the source has taken. */
export interface Written {
  /** Of the write. */
  id: string
  externalId: string
  /** When the source says that it changed, by its own clock; undefined when it does not say. */
  modifiedAt: Date | undefined
  /** Fields that it did not take, such as one that somebody has removed there: the others were. */
  left: readonly string[]
  /** Fields that were put back as somebody there had left them meanwhile. */
  putBack?: readonly string[]
  /** The source may have worked something out from what was written: the record is read again. */
  isToRead?: boolean
}

/** A record that the source has not taken. `error` is HUB_RECORD_MOVED_ON where it has a newer state than the one that was read. */
export interface Refusal {
  id: string
  error: unknown
  /** The record that stands in the way because it is the same one: the source has it already. */
  existingId: string | undefined
}

/** A value that was written over before anybody here had seen it. */
export interface Overwritten {
  /** Of the write. */
  id: string
  field: string
  value: FieldValue
}

export interface WriteAnswer {
  written: readonly Written[]
  refused: readonly Refusal[]
}

/**
 * Whether a field may be written with this value. What may not is left alone, and is no difference.
 * @param coming placeholders of records that will have ids by then
 */
export type Takes = (
  type: string,
  field: string,
  value: FieldValue,
  coming?: Pick<ReadonlySet<string>, 'has'>,
) => boolean

/** The other system, as the engine writes it. A subgraph's sync room makes a Sink of a connector. */
export interface Sink {
  /**
   * Which fields may be written by now. Looked up whenever writes are made up, after what waits was counted: what somebody lets be
   * written, and notes, while a batch is under way waits for the next one.
   */
  takes(tx: object): Promise<Takes>
  /**
   * Which of the fields that a record is to get the source would refuse, however often it was asked, and why, in a sentence for people:
   * where that follows from what the record says. Left out: of none that is known before it is tried.
   */
  bars?(
    type: string,
    held: Values,
    wanted: Readonly<Record<string, { to: FieldValue }>>,
  ): ReadonlyMap<string, string>
  /**
   * Writes records of one type, at most 100. Safe to repeat when its answer got lost: the same record is not made twice.
   * @throws when nothing is known of what became of the writes, or nothing was tried
   */
  write(type: string, writes: readonly Write[]): Promise<WriteAnswer>
  /** How many requests `write` makes for these writes when nothing is refused. Left out: one. */
  callsToWrite?(type: string, writes: readonly Write[]): number
  /** How many `overwritten` makes for them. */
  callsToLookBehind?(type: string, writes: readonly Write[]): number
  /**
   * Looks behind writes that were just made, for what somebody had written at the source between being asked and being written over:
   * not every source can be told to write only what nobody has changed. Left out where one can (`Write.revision`), or keeps no
   * former values.
   */
  overwritten?(type: string, writes: readonly Write[]): Promise<readonly Overwritten[]>
  /** Resolves when a request may be sent at once. Left out: any time. */
  turn?(): Promise<void>
}
