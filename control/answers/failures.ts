import { isId } from '#kernel/ids.ts'
import { type Connection, type CountedPage, connection, keyset, type PageArgs } from '#service/connection.ts'
import { type InvalidRefusal, invalid, missing } from '#service/refusal.ts'
import { countLetters, type LetterFilter, listLetters } from '#sync/dead-letters.ts'
import { isPlaceholder } from '#sync/links.ts'
import { type LogFilter, listLogs } from '#sync/logs.ts'
import type { DeadLetterRow, SyncLogRow } from '../rows.ts'
import type { Asking } from '../vendor.ts'
import { own } from './asked.ts'

/** A record's id at the other system as it may be shown: null while that has yet to give it one. */
const externalId = (id: string | null): string | null => (id === null || isPlaceholder(id) ? null : id)

/** The fields of an entry of what syncs did that are not its row's own. */
export const SyncLog = {
  integrationId: (log: SyncLogRow) => log.connectionId,
  recordId: (log: SyncLogRow) => externalId(log.externalId),
  error: (log: SyncLogRow) => log.reason,
}

/** The same of a record that was given up. */
export const DeadLetter = {
  integrationId: (letter: DeadLetterRow) => letter.connectionId,
  recordId: (letter: DeadLetterRow) => externalId(letter.externalId),
}

type Asked<T> = { [K in keyof T]?: T[K] | null | undefined }
type AskedLogs = Asked<Pick<LogFilter, 'status' | 'type' | 'single'>> &
  Asked<{ integrationId: string; runId: string; recordId: string }>
type AskedLetters = Asked<Pick<LetterFilter, 'ids' | 'type' | 'code' | 'state'> & { integrationId: string }>

const logFilter = (asked: AskedLogs | null | undefined): LogFilter => ({
  connectionId: own(asked?.integrationId),
  runId: own(asked?.runId),
  status: asked?.status ?? undefined,
  type: asked?.type ?? undefined,
  externalId: asked?.recordId ?? undefined,
  single: asked?.single ?? undefined,
})

/** Which dead letters somebody means. */
export const letterFilter = (asked: AskedLetters | null | undefined): LetterFilter => ({
  ids: asked?.ids?.filter(isId),
  connectionId: own(asked?.integrationId),
  type: asked?.type ?? undefined,
  code: asked?.code ?? undefined,
  state: asked?.state ?? undefined,
})

/** What syncs did, newest first. */
export const syncLogPage = async (
  ctx: Asking,
  { filter, ...args }: PageArgs & { filter?: AskedLogs | null },
): Promise<Connection<SyncLogRow>> => {
  const page = keyset(args, 2)
  const rows = await ctx.db.read(ctx.orgId, (tx) => listLogs(tx, ctx.orgId, logFilter(filter), page))
  return connection(rows, page, ({ at, id }) => [at.toISOString(), id])
}

/** Records that were given up, those that failed last first. */
export const deadLetterPage = async (
  ctx: Asking,
  { filter: asked, ...args }: PageArgs & { filter?: AskedLetters | null },
): Promise<CountedPage<DeadLetterRow>> => {
  const page = keyset(args, 2)
  const filter = letterFilter(asked)
  const rows = await ctx.db.read(ctx.orgId, (tx) => listLetters(tx, ctx.orgId, filter, page))
  return {
    ...connection(rows, page, ({ lastFailedAt, id }) => [lastFailedAt.toISOString(), id]),
    count: () => ctx.db.read(ctx.orgId, (tx) => countLetters(tx, ctx.orgId, filter)),
  }
}

const MOST_IDS = 200

/** What is wrong with dead letters that somebody named; undefined when nothing is. */
export const wrongLetters = ({ ids }: AskedLetters): InvalidRefusal | undefined =>
  (ids?.length ?? 0) > MOST_IDS
    ? invalid('filter.ids', `Name at most ${MOST_IDS} dead letters at a time.`)
    : undefined

/** What is wrong with why a record is set aside; undefined when nothing is. */
export const wrongReason = (because: string): InvalidRefusal | undefined =>
  because.trim() === '' || because.length > 500
    ? invalid('because', 'Say in at most 500 letters why the record is set aside.')
    : undefined

/** What setting a record aside answers. */
export const dismissed = (letter: DeadLetterRow | 'closed' | null) => {
  if (letter === null) return missing('The dead letter')
  if (letter === 'closed') return invalid('id', 'This dead letter is closed already.')
  return { __typename: 'DeadLetterDismissed' as const, deadLetter: letter }
}
