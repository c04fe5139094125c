import { readLeaving, weighLeaving } from './brakes.ts'
import type { Checkpoint } from './checkpoint.ts'
import { readLinks, unarchivedLinks, unseenLinks } from './links.ts'
import { type Page, storePage, type Work } from './page.ts'
import type { ReadById, SourcePage, SourceRecord, SourceType } from './source.ts'

/** Records that are looked up by id at a time. */
const LOOK_UP = 100
/** Records that go in one transaction. */
const LEAVE_AT_ONCE = 500

/**
 * Brings one type up to date, from wherever its checkpoint stands. Each page is stored before the next one is asked for:
 * whoever takes the run over reads at most that one page again.
 * @throws what the source throws; HUB_LEASE_LOST, HUB_RUN_CANCELLED; Tripped, when it would delete or change too much
 */
export const readType = async (
  work: Work,
  type: SourceType,
  stored: Checkpoint | undefined,
  watermark: Date | undefined,
): Promise<void> => {
  const changes = work.run.mode === 'INCREMENTAL' && type.changes !== undefined && watermark !== undefined
  let at: Checkpoint = stored ?? {
    type: type.type,
    phase: changes ? 'changes' : 'list',
    cursor: undefined,
    complete: false,
    watermark: changes ? watermark : undefined,
    total: undefined,
  }
  if (at.complete) return
  if (!stored && at.phase === 'list') at = await begin(work, type, at)
  if (at.phase === 'list') at = await list(work, type, at)
  if (at.phase === 'changes') at = await readChanges(work, type, at, watermark)
  if (at.phase === 'archive') at = await sweepArchive(work, type, at)
  if (at.phase === 'missing') at = await lookUpMissing(work, type, at)
  else if (at.phase !== 'leaving') at = await lookUpReturned(work, type, at)
  if (!at.complete) await letLeave(work, at)
}

/** Everything was read: what was put off comes next, if anything may have been. */
const afterLast = (work: Work) =>
  work.brakes ? { phase: 'leaving' as const, cursor: undefined } : { complete: true }

/** Stores one step. Stops between pages when the run has to. */
const store = async (work: Work, step: Page): Promise<Checkpoint> => {
  await storePage(work, step)
  work.signal.throwIfAborted()
  return step.checkpoint
}

// What changes while the listing runs is later than this, so the next run finds it.
const begin = async (work: Work, type: SourceType, at: Checkpoint): Promise<Checkpoint> => {
  const { watermark, total } = (await type.begin?.()) ?? {}
  return await store(work, { checkpoint: { ...at, watermark, total } })
}

const latest = (records: readonly SourceRecord[], than: Date | undefined): Date | undefined =>
  records.reduce(
    (newest, { modifiedAt }) => (modifiedAt && (!newest || modifiedAt > newest) ? modifiedAt : newest),
    than,
  )

/**
 * Up to when everything is known once the listing is at its end. Of a source that lists in any order, only the first page is surely
 * not later than the start. One that lists by time gives what changes meanwhile, but not what is deleted: that is later than the start.
 */
const listedUpTo = (
  { run }: Work,
  { listsByTime }: SourceType,
  { watermark }: Checkpoint,
  { records }: SourcePage,
): Date | undefined => {
  if (!listsByTime) return watermark ?? latest(records, undefined)
  const newest = latest(records, watermark)
  return newest && newest > run.startedAt ? run.startedAt : newest
}

const list = async (work: Work, type: SourceType, from: Checkpoint): Promise<Checkpoint> => {
  let at = from
  let askedAt = work.clock.now()
  for await (const page of type.list(from.cursor)) {
    const watermark = listedUpTo(work, type, at, page)
    const next = page.next === undefined ? { phase: 'missing' as const } : {}
    at = await store(work, {
      records: page.records,
      askedAt,
      checkpoint: { ...at, watermark, cursor: page.next, ...next },
    })
    askedAt = work.clock.now()
  }
  return at.phase === 'list'
    ? await store(work, { checkpoint: { ...at, cursor: undefined, phase: 'missing' } })
    : at
}

// A source may tell what was deleted among its changes instead of in an archive.
const toldGone = ({ gone = [] }: SourcePage) =>
  gone.length > 0 ? { gone: { ids: gone, reason: 'archived' as const } } : {}

const readChanges = async (
  work: Work,
  type: SourceType,
  from: Checkpoint,
  watermark: Date | undefined,
): Promise<Checkpoint> => {
  let at = from
  // The watermark of the last complete run, not of this one: a run that is taken over goes on with the same reading.
  const since = new Date((watermark?.getTime() ?? 0) - work.overlapMs)
  let askedAt = work.clock.now()
  for await (const page of type.changes?.({ since, after: from.cursor }) ?? []) {
    const next = page.next === undefined ? { phase: 'archive' as const } : {}
    at = await store(work, {
      records: await completed(work, type, page.records),
      ...toldGone(page),
      askedAt,
      checkpoint: { ...at, watermark: latest(page.records, at.watermark), cursor: page.next, ...next },
    })
    askedAt = work.clock.now()
  }
  return at.phase === 'changes' ? { ...at, cursor: undefined, phase: 'archive' } : at
}

/** The records of a page, those that are news with all that belongs to them. */
const completed = async (
  work: Work,
  type: SourceType,
  records: readonly SourceRecord[],
): Promise<readonly SourceRecord[]> => {
  if (!type.complete || records.length === 0) return records
  const ids = records.map((record) => record.externalId)
  const links = await work.database.read(work.run.orgId, (tx) =>
    readLinks(tx, { ...work.run, type: type.type }, ids),
  )
  const isNews = ({ externalId, modifiedAt }: SourceRecord): boolean => {
    const link = links.get(externalId)
    return !link || link.goneReason !== undefined || link.modifiedAt?.getTime() !== modifiedAt?.getTime()
  }
  const news = records.filter(isNews)
  const known = records.filter((record) => !isNews(record))
  return news.length === 0 ? known : [...known, ...(await type.complete(news))]
}

/** Marks what the source has archived. The archive has no order of time, so it is read to its end. */
const sweepArchive = async (work: Work, type: SourceType, from: Checkpoint): Promise<Checkpoint> => {
  let at = from
  for await (const page of type.archived?.(from.cursor) ?? []) {
    const next = page.next === undefined ? { phase: 'returned' as const } : {}
    at = await store(work, {
      gone: { ids: page.ids, reason: 'archived' },
      checkpoint: { ...at, cursor: page.next, ...next },
    })
  }
  return { ...at, cursor: undefined, phase: 'returned' }
}

/** Records the hub holds that the listing did not meet: looked up before they are called gone, since they may have moved pages. */
const lookUpMissing = async (work: Work, type: SourceType, from: Checkpoint): Promise<Checkpoint> => {
  const place = { ...work.run, type: type.type }
  let at = from
  while (at.phase === 'missing' && !at.complete) {
    const links = await work.database.read(work.run.orgId, (tx) =>
      unseenLinks(tx, place, work.run.id, at.cursor ?? '', LOOK_UP),
    )
    const ids = links.map((link) => link.externalId)
    const askedAt = work.clock.now()
    const found = await lookUp(type, ids)
    // The cursor stays until both are stored: whoever goes on between the two looks the same ids up again.
    if (found.missing.length > 0)
      await store(work, { gone: { ids: found.missing, reason: 'missing' }, askedAt, checkpoint: at })
    const checkpoint = { ...at, cursor: ids.at(-1), ...(ids.length < LOOK_UP ? afterLast(work) : {}) }
    at = await store(work, { ...told(found), askedAt, checkpoint })
  }
  return at
}

/** Archived records that are no longer in the archive: restored, or deleted for good. */
const lookUpReturned = async (work: Work, type: SourceType, from: Checkpoint): Promise<Checkpoint> => {
  const place = { ...work.run, type: type.type }
  let at = from
  while (at.phase === 'returned' && !at.complete) {
    const ids = type.archived
      ? await work.database.read(work.run.orgId, (tx) =>
          unarchivedLinks(tx, place, work.run.id, at.cursor ?? '', LOOK_UP),
        )
      : []
    const found = await lookUp(type, ids)
    const checkpoint = { ...at, cursor: ids.at(-1), ...(ids.length < LOOK_UP ? afterLast(work) : {}) }
    at = await store(work, { ...told(found), purged: found.missing, checkpoint })
  }
  return at
}

/** Lets records go that were found gone, once their number is known and not too large. */
const letLeave = async (work: Work, from: Checkpoint): Promise<void> => {
  const place = { ...work.run, type: from.type }
  let at = from
  await work.database.read(work.run.orgId, (tx) => weighLeaving(tx, work, from.type))
  while (!at.complete) {
    const leaving = await work.database.read(work.run.orgId, (tx) =>
      readLeaving(tx, place, work.run.id, LEAVE_AT_ONCE),
    )
    const complete = leaving.length < LEAVE_AT_ONCE
    at = await store(work, { leaving, checkpoint: { ...at, complete } })
  }
}

const lookUp = async (type: SourceType, ids: readonly string[]): Promise<ReadById> =>
  ids.length > 0 && type.read ? await type.read(ids) : { records: [], missing: ids }

const told = ({ records, refused = [] }: ReadById) => ({ records, refused })
