import type { Values } from './values.ts'

/**
 * The other system, as the engine reads it. A subgraph's sync room makes a Source of a connector.
 * - *type*: one kind of record there, such as `companies`; types of one run are read in parallel
 * - *cursor*: where to go on reading, opaque to the engine; it is stored in the transaction that stores the page's rows
 * - *watermark*: the newest modified time seen at the source, by the source's own clock; changes are read from there on
 */
export interface SourceRecord {
  /** The record's id there. */
  externalId: string
  values: Values
  /** When the source says that it last changed. Undefined when the source does not tell: then every reading counts as newer. */
  modifiedAt: Date | undefined
  /** Everything that there is was told: a field that is absent is empty. Left out: it was not told. */
  isWhole?: boolean
  /** What the source calls this state of the record, where it can be told to change nothing but this state. */
  revision?: string
  /** Ids of records that were merged into this one. */
  mergedIds?: readonly string[]
}

export interface SourcePage {
  records: readonly SourceRecord[]
  /** Ids of records this page tells to be deleted there, when the source tells it in the same stream (reason: archived). */
  gone?: readonly string[]
  /** Where to go on after this page, also in another process. Undefined after the last page. */
  next: string | undefined
}

/** What reading by id brought: each id asked for is in one of them. */
export interface ReadById {
  records: readonly SourceRecord[]
  missing: readonly string[]
  /** Records that are there, but that the source did not give while it gave the others. */
  refused?: readonly { externalId: string; error: unknown }[]
}

export interface ChangesFrom {
  /** First modified time to read, inclusive, by the source's clock. The engine has subtracted the overlap already. */
  since: Date
  /** `next` of an earlier page of the same reading; undefined at its start. */
  after: string | undefined
}

export interface SourceType {
  readonly type: string
  /** Every live record. `after` is `next` of an earlier page of the same reading, or undefined. */
  list(after: string | undefined): AsyncIterable<SourcePage>
  /** Whether `list` goes by modified time and gives what changes meanwhile again at its end. Otherwise its order means nothing. */
  readonly listsByTime?: boolean
  /**
   * Asked once, before the first page of `list`. `watermark` is the newest modified time there is now: changes made while
   * the listing runs are later than it. `total` is the number of records. Leave out what the source cannot tell cheaply.
   */
  begin?(): Promise<{ watermark?: Date | undefined; total?: number | undefined }>
  /** Records changed since. A source without it is listed in full every time. */
  changes?(from: ChangesFrom): AsyncIterable<SourcePage>
  /**
   * Adds what `changes` left out because it takes further requests, such as links. Asked only for records that are newer than
   * what the hub has: readings overlap, and what is read again need not be paid for again.
   */
  complete?(records: readonly SourceRecord[]): Promise<readonly SourceRecord[]>
  /** Ids of records that were archived, and only those. A source that lists no archive leaves it out. */
  archived?(after: string | undefined): AsyncIterable<{ ids: readonly string[]; next: string | undefined }>
  /**
   * Reads records by id: to make sure that a record missing from a listing is gone, and that one missing from the archive is back.
   * Without it, missing from a complete listing is proof enough.
   * @param linked of which of them the links are wanted, too: those of others may be left out. Undefined: of all
   */
  read?(ids: readonly string[], linked?: ReadonlySet<string>): Promise<ReadById>
  /** Requests that reading a hundred records by id with their links takes. Default 1. */
  readonly callsToRead?: number
}

export interface Source {
  readonly types: readonly SourceType[]
  /** Resolves when a request may be sent at once: what it is to ask for is best chosen only then. Left out: any time. */
  turn?(): Promise<void>
  /** Requests sent so far by this source, tries included. */
  calls(): number
}
