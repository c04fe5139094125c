import type { FieldValue } from './values.ts'

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
}

/** A record that the source has not taken. */
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

/** The other system, as the engine writes it. A subgraph's sync room makes a Sink of a connector. */
export interface Sink {
  /** Whether a field may be written now, with this value. What may not is left alone, and is no difference. */
  takes(type: string, field: string, value: FieldValue): boolean
  /**
   * Writes records of one type, at most 100. Safe to repeat when its answer got lost: the same record is not made twice.
   * @throws when nothing is known of what became of the writes, or nothing was tried
   */
  write(type: string, writes: readonly Write[]): Promise<WriteAnswer>
  /**
   * Looks behind writes that were just made, for what somebody had written at the source between being asked and being written over:
   * no source can be told to write only what nobody has changed. Left out where a source keeps no former values.
   */
  overwritten?(type: string, writes: readonly Write[]): Promise<readonly Overwritten[]>
  /** Resolves when a request may be sent at once. Left out: any time. */
  turn?(): Promise<void>
}
