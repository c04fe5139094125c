/** Reads a kind of record to its end, page by page, as its caller may see it. */
import type { FormattedExecutionResult } from 'graphql'
import { sleep } from '#kernel/clock.ts'
import type { Operation } from '#operations/manifest.ts'
import { PartsMissing, RateLimited } from '../errors.ts'
import type { Executor, RequestContext } from '../execute.ts'
import { type Missing, missingOf, problemOfMissing } from '../rest/missing.ts'
import { type Problem, problemOf, problemOfErrors } from '../rest/problems.ts'
import { type Line, type Place, resumeAt } from './lines.ts'

const RECORDS_AT_A_TIME = 200
const GONE_AT_A_TIME = 1000

/** What stops an export, in the words of HTTP. */
export class Broken extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

export interface Wanted {
  executor: Executor
  kind: string
  /** The operations that list the kind; read one after the other. */
  lists: readonly Operation[]
  changes: Operation
  /** Whether records will do that lack something. */
  isPartial: boolean
  /** What each page's operation takes along. */
  begin(): RequestContext
  signal: AbortSignal
}

/** What a page wrote, and where the next one begins; null behind the last one. */
export interface Page {
  lines: Line[]
  next: Place | null
}

/** Whether a caller is told of changes: those who may see some customers only are not. */
export const isToldOfChanges = ({ caller }: Pick<RequestContext, 'caller'>): boolean =>
  caller.principal.rows === undefined

/**
 * Where an export begins: it notes where changes stand before it reads the first record, so that whatever changes while it reads is told by
 * `changes` from there on.
 * @throws Broken when the caller may not read the kind
 */
export const begun = async (wanted: Wanted): Promise<Place> => {
  if (!isToldOfChanges(wanted.begin())) return { head: null, list: 0, after: null }
  const { head } = await ask<Changes>(wanted, wanted.changes, { types: [wanted.kind], first: 1 })
  return { head, list: 0, after: null }
}

/**
 * Checks that what came after an export was begun is still told.
 * @throws Broken with CURSOR_EXPIRED when it is not: then the export has to begin anew
 */
export const checkStanding = async (wanted: Wanted, { head }: Place): Promise<void> => {
  if (head !== null) await ask(wanted, wanted.changes, { types: [wanted.kind], after: head, first: 1 })
}

/**
 * The pages of an export from a place on: the records that are there, then those that are gone, then the end.
 * @throws Broken when a page cannot be had
 */
export async function* pagesFrom(wanted: Wanted, from: Place): AsyncGenerator<Page, void, void> {
  const { kind, lists, isPartial } = wanted
  const missing = new Map<string, Missing>()
  const lacking = (one: Missing) => void missing.set(JSON.stringify(one), one)
  const how: Manner = { isPatient: true, ...(isPartial ? { lacking } : {}) }
  const count = { records: 0, deleted: 0 }
  let { list, after } = from
  const { head } = from
  for (; list < lists.length; list++, after = null) {
    const operation = lists[list]!
    const { with: given, id } = operation.export!
    for (let isMore = true; isMore; ) {
      const asked = { ...given, first: RECORDS_AT_A_TIME, [operation.paging!.after]: after }
      const page: Listed = await ask<Listed>(wanted, operation, asked, how)
      const lines = page.nodes.map(
        (record): Line => ({ type: kind, id: idOf(record, id), operation: 'CHANGED', record }),
      )
      count.records += lines.length
      isMore = page.pageInfo.hasNextPage
      after = page.pageInfo.endCursor
      const next = isMore ? { head, list, after } : { head, list: list + 1, after: null }
      yield { lines: [...lines, { resume: resumeAt(kind, next) }], next }
    }
  }
  for (let isMore = head !== null; isMore; ) {
    const asked = { types: [kind], operation: 'DELETED', first: GONE_AT_A_TIME, after }
    const page: Changes = await ask<Changes>(wanted, wanted.changes, asked, { isPatient: true })
    const lines = page.edges.map(
      ({ node: { id, at, version } }): Line => ({ type: kind, id, operation: 'DELETED', at, version }),
    )
    count.deleted += lines.length
    isMore = page.pageInfo.hasNextPage
    after = page.cursor
    const next = { head, list: lists.length, after }
    if (isMore) yield { lines: [...lines, { resume: resumeAt(kind, next) }], next }
    else if (lines.length > 0) yield { lines, next }
  }
  const lacks = missing.size > 0 ? { missing: [...missing.values()] } : {}
  yield { lines: [{ cursor: head, ...count, ...lacks }], next: null }
}

interface Listed {
  nodes: Record<string, unknown>[]
  pageInfo: { endCursor: string | null; hasNextPage: boolean }
}

interface Changes {
  edges: { node: { id: string; at: string; version: string } }[]
  pageInfo: { hasNextPage: boolean }
  cursor: string
  head: string
}

/** @throws Broken when a part did not say whose a record is */
const idOf = (record: Record<string, unknown>, path: readonly string[]): string => {
  const id = path.reduce<unknown>(
    (at, name) => (at as Record<string, unknown> | null | undefined)?.[name],
    record,
  )
  if (typeof id === 'string') return id
  throw new Broken(problemOf(PartsMissing.with({ parts: 'a part' })))
}

interface Manner {
  /** An export may be all that its caller may ask for in a minute: once begun, it goes on as fast as it may instead of breaking off. */
  isPatient?: boolean
  /** Told of what the answer lacks. Left out: it has to be whole. */
  lacking?(one: Missing): void
}

/** The one field that an operation answers. @throws Broken when there is none, or it is not whole */
const ask = async <T>(
  { executor, begin, signal }: Wanted,
  { text: query, name: operationName, roots, ...operation }: Operation,
  variables: Record<string, unknown>,
  { isPatient = false, lacking }: Manner = {},
): Promise<T> => {
  for (;;) {
    const context = begin()
    const { data, errors = [] } = await executor.run({ query, operationName, variables }, context)
    const waitSeconds = isPatient && isOverLimit(errors) ? context.standing?.retryAfterSeconds : undefined
    if (waitSeconds !== undefined && !signal.aborted) {
      await sleep(waitSeconds * 1000, signal)
      continue
    }
    const value = data?.[roots[0]!]
    if (value === null || value === undefined) throw new Broken(problemOfErrors(errors))
    const missing = missingOf(
      { ...operation, text: query, name: operationName, roots },
      errors,
      executor.snapshot,
    )
    if (missing.length > 0 && !lacking) throw new Broken(problemOfMissing(missing, errors))
    for (const one of missing) lacking?.(one)
    return value as T
  }
}

const isOverLimit = (errors: NonNullable<FormattedExecutionResult['errors']>): boolean =>
  errors[0]?.extensions?.code === RateLimited.code
