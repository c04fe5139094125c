import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { NO_ID } from '#kernel/ids.ts'
import { holdRun } from '../checkpoint.ts'
import type { Opened } from '../execute.ts'
import { isPlaceholder, type Link, linksOfLocals } from '../links.ts'
import type { Work } from '../page.ts'
import { contentHash } from '../plan.ts'
import { progressOf } from '../progress.ts'
import type { SourceRecord } from '../source.ts'
import { type FieldValue, same, storable, type Values } from '../values.ts'
import { type FieldChange, type ItemState, type PlanItem, written } from './items.ts'
import { type KeptPlan, keepItems } from './kept.ts'

const BATCH = 100

const GONE = 'The other system no longer has the record.'
const DELETED =
  'The run has deleted it there. Only the other system can bring it back: once it is restored there, the next sync brings it back here.'
const MERGED = 'The other system has merged it into another record, which cannot be taken back.'
const MADE = 'The run has made it: it is deleted again, here and there.'
const MADE_AND_CHANGED = 'The run has made it, and somebody has changed it since: it is left as it is.'
const THERE =
  'The other system has the record: the next sync would bring it again. Delete it there, or let it not take part.'
const UNKNOWN = 'What the record said before is no longer known.'
const THEIRS_ALONE = 'Only the other system changes records of this kind: the record is left as it says.'
const CHANGED = 'Fields that have changed since, or that only the other system may set, are left as they are.'

/** One record that the run has changed. */
interface Trace {
  type: string
  localId: string
  /** By the source's writing: what was written there. Otherwise the run brought the record over. */
  wrote?: {
    operation: 'CREATE' | 'UPDATE' | 'ARCHIVE'
    fields: Record<string, FieldChange>
    /** When the source says that it was, by its own clock. */
    modifiedAt: Date | null
  }
}

/**
 * Plans what would undo a run, from what it recorded: the fields it has brought over get the values they had before, those it has
 * written the values they replaced. What cannot be restored is named with its reason. Undone records are changes of ours: they are
 * written at the source too. Nothing is done twice: what was changed since, also by undoing, is left as it is.
 */
export const planUndo = async (work: Work, opened: Opened, plan: KeptPlan): Promise<void> => {
  const { database, run, clock } = work
  const undone = await database.read(run.orgId, (tx) => progressOf(tx, plan.undoes ?? '', clock))
  if (!undone) return
  const span = { from: undone.startedAt ?? undone.requestedAt, until: undone.finishedAt ?? clock.now() }
  for (const pages of [broughtBy, writtenBy])
    for (let after = ''; ; ) {
      const from = after
      const { traces, next } = await database.read(run.orgId, (tx) => pages(tx, run, undone.id, from))
      for (const [type, of] of Map.groupBy(traces, (trace) => trace.type)) {
        const now = await standingAt(work, type, of)
        await database.transaction(run.orgId, async (tx) => {
          await holdRun(tx, run)
          const place = { orgId: run.orgId, connectionId: run.connectionId, planId: plan.id }
          const ask = { type, traces: of, now, undone: undone.id, span }
          await keepItems(tx, place, await itemsOfType(tx, work, opened, ask))
        })
      }
      work.signal.throwIfAborted()
      if (next === undefined) break
      after = next
    }
  await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run)
    await nameGone(tx, work, plan, span)
  })
}

/** What the source says of records now: perhaps somebody has worked on them of which the hub has not heard. */
interface Standing {
  says: ReadonlyMap<string, SourceRecord>
  missing: ReadonlySet<string>
}

const standingAt = async (
  { database, run, source }: Work,
  type: string,
  traces: readonly Trace[],
): Promise<Standing> => {
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  const ids = traces.map(({ localId }) => localId)
  const links = await database.read(run.orgId, (tx) => linksOfLocals(tx, place, ids))
  const there = [...links.values()].flatMap(({ externalId, goneReason }) =>
    goneReason === undefined && !isPlaceholder(externalId) ? externalId : [],
  )
  const read = source.types.find((each) => each.type === type)?.read
  const found = there.length > 0 ? await read?.(there) : undefined
  return {
    says: new Map(found?.records.map((record) => [record.externalId, record])),
    missing: new Set(found?.missing),
  }
}

interface Of {
  orgId: string
  connectionId: string
}
type Pages = (
  tx: object,
  of: Of,
  runId: string,
  after: string,
) => Promise<{ traces: Trace[]; next: string | undefined }>

const broughtBy: Pages = async (tx, { orgId, connectionId }, runId, after) => {
  const [afterType = '', afterId = ''] = after.split(' ')
  const { rows } = await sql<{ type: string; external_id: string; local_id: string }>`
    select type, external_id, local_id from sync.links
    where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and gone_at is null
      and (type, external_id) > (${afterType}, ${afterId})
      and (lineage ->> 'run' = ${runId} or jsonb_path_exists(lineage, '$.fields.*.run ? (@ == $run)', jsonb_build_object('run', ${runId}::text)))
    order by type, external_id limit ${BATCH}`.execute(over(tx))
  const last = rows.at(-1)
  return {
    traces: rows.map((row) => ({ type: row.type, localId: row.local_id })),
    next: rows.length < BATCH || !last ? undefined : `${last.type} ${last.external_id}`,
  }
}

const writtenBy: Pages = async (tx, { orgId }, runId, after) => {
  const { rows } = await sql<{ id: string; type: string; local_id: string } & NonNullable<Trace['wrote']>>`
    select id, type, local_id, operation, fields, modified_at as "modifiedAt" from sync.writes
    where org_id = ${orgId}::uuid and run_id = ${runId}::uuid and state = 'DONE' and id > ${after || NO_ID}::uuid
    order by id limit ${BATCH}`.execute(over(tx))
  return {
    traces: rows.map(({ type, local_id, operation, fields, modifiedAt }) => ({
      type,
      localId: local_id,
      wrote: { operation, fields, modifiedAt },
    })),
    next: rows.length < BATCH ? undefined : rows.at(-1)?.id,
  }
}

const itemsOfType = async (
  tx: object,
  { run, target }: Work,
  { sink }: Opened,
  ask: {
    type: string
    traces: readonly Trace[]
    now: Standing
    undone: string
    span: { from: Date; until: Date }
  },
): Promise<UndoItem[]> => {
  const { type, traces, now, undone, span } = ask
  const ids = traces.map(({ localId }) => localId)
  const links = await linksOfLocals(tx, { orgId: run.orgId, connectionId: run.connectionId, type }, ids)
  const current = await target.current(tx, type, ids)
  const before = (await target.before?.(tx, type, ids, span)) ?? new Map<string, Values>()
  const mayBeWritten = await sink?.takes(tx)
  const takes = (field: string, value: Values[string]) => mayBeWritten?.(type, field, value) ?? true
  const changesNone = (held: Values) => !Object.entries(held).some(([field, value]) => takes(field, value))
  return traces.flatMap(({ localId, wrote }): UndoItem[] => {
    const link = links.get(localId)
    const held = current.get(localId) ?? {}
    if (!link) return []
    const item = {
      ...{ direction: 'OUT' as const, type, externalId: link.externalId, localId, survivorId: null },
      ...{ sourceAt: link.modifiedAt ?? null, ours: contentHash(held).slice(0, 16) },
    }
    const impossible = (reason: string, fields = {}, action: 'UPDATE' | 'CONFLICT' | 'DELETE' = 'UPDATE') => [
      { ...item, action, fields, reason, state: 'IMPOSSIBLE' as const },
    ]
    if (link.goneReason !== undefined || now.missing.has(link.externalId)) {
      // What it has deleted would have to be made, and what it has made is gone already.
      if (wrote?.operation === 'ARCHIVE') return [{ ...item, ...REMAKE, reason: DELETED }]
      return wrote?.operation === 'CREATE' ? [] : impossible(GONE)
    }
    const record = now.says.get(link.externalId)
    const theirs = (field: string) => saidOf(field, { link, held, record })
    // The source may have its own way of writing what it was told: what it has said since that very write is nobody's work.
    const isEcho = (at: Date | undefined) => Boolean(wrote?.modifiedAt && at && at <= wrote.modifiedAt)
    const isNewer = (field: string) => theirs(field) !== undefined && !isEcho(record?.modifiedAt)
    const cameAt = (field: string) => {
      const came = link.lineage.fields?.[field]
      return came && came.by !== 'HUB' ? new Date(came.at) : undefined
    }
    const isItsWork = (field: string) =>
      wrote
        ? same(held[field], wrote.fields[field]?.to) || isEcho(cameAt(field))
        : link.lineage.fields?.[field]?.run === undone
    if (wrote?.operation === 'CREATE') {
      const isChanged = Object.entries(wrote.fields).some(([field]) => !isItsWork(field) || isNewer(field))
      const fields = Object.fromEntries(
        Object.keys(wrote.fields).map((field) => [field, { from: held[field] ?? null, to: null }]),
      )
      if (isChanged) return impossible(MADE_AND_CHANGED, {}, 'DELETE')
      return [{ ...item, action: 'DELETE' as const, fields, reason: MADE, state: 'PENDING' as const }]
    }
    const former = wrote ? formerByLedger(wrote.fields) : before.get(localId)
    if (!wrote && link.lineage.run === undone && !former) return impossible(THERE)
    if (!former) return impossible(changesNone(held) ? THEIRS_ALONE : UNKNOWN)
    const fields: Record<string, FieldChange> = {}
    let isPartly = false
    for (const field of wrote ? Object.keys(former) : fieldsOf(former, held)) {
      const [from, to] = [held[field] ?? null, former[field] ?? null]
      if (same(from, to)) continue
      const said = theirs(field)
      const isTheirs = isNewer(field) || (!isItsWork(field) && cameSince(link, field, undone))
      const also = said === undefined ? {} : { theirs: said }
      if (isTheirs) fields[field] = { from, to: from, theirs: said ?? from, outcome: 'theirs' }
      else if (isItsWork(field) && takes(field, to)) fields[field] = { from, to, ...also }
      if (!(field in written(fields))) isPartly = true
    }
    const barred = sink?.bars?.(type, held, written(fields)) ?? new Map<string, string>()
    for (const field of barred.keys()) delete fields[field]
    const reason = [...new Set(barred.values()), ...(isPartly ? [CHANGED] : [])].join(' ') || null
    const isContested = Object.keys(fields).length > Object.keys(written(fields)).length
    if (Object.keys(written(fields)).length === 0)
      return reason ? impossible(reason, fields, isContested ? 'CONFLICT' : 'UPDATE') : []
    const action = isContested ? 'CONFLICT' : 'UPDATE'
    return [{ ...item, action, fields, reason, state: 'PENDING' as const }]
  })
}

type UndoItem = PlanItem & { state: ItemState }

const REMAKE = { action: 'CREATE' as const, fields: {}, state: 'IMPOSSIBLE' as const }

/** What the source says of a field of which nobody here has heard; undefined when it says nothing new. */
const saidOf = (
  field: string,
  { link, held, record }: { link: Link; held: Values; record: SourceRecord | undefined },
): FieldValue | undefined => {
  if (!record || !(field in record.values)) return undefined
  const said = storable(record.values[field] ?? null)
  return same(said, (link.base ?? held)[field]) ? undefined : said
}

/** Whether the source has changed a field after a run. */
const cameSince = ({ lineage }: Link, field: string, undone: string): boolean => {
  const came = lineage.fields?.[field]
  return came !== undefined && came.by !== 'HUB' && came.run !== undone
}

const fieldsOf = (one: Values, other: Values): Set<string> =>
  new Set([...Object.keys(one), ...Object.keys(other)])

/** What a write replaced. */
const formerByLedger = (fields: Readonly<Record<string, FieldChange>>): Values =>
  Object.fromEntries(Object.entries(fields).map(([field, { from }]) => [field, from]))

/** Names what went while the run was at work, and cannot come back. */
const nameGone = async (
  tx: object,
  { run }: Work,
  plan: KeptPlan,
  { from, until }: { from: Date; until: Date },
): Promise<void> => {
  const place = { orgId: run.orgId, connectionId: run.connectionId, planId: plan.id }
  const { rows } = await sql<Pick<Link, 'externalId' | 'localId'> & { type: string; reason: string }>`
    select l.type, l.external_id as "externalId", l.local_id as "localId", l.gone_reason as reason from sync.links l
    where l.org_id = ${run.orgId}::uuid and l.connection_id = ${run.connectionId}::uuid
      and l.gone_reason in ('archived', 'missing', 'merged') and l.gone_at between ${from}::timestamptz and ${until}::timestamptz
      and l.type = any(${plan.types}::text[])
      -- A record that only got another id is there.
      and (l.gone_reason <> 'merged' or not exists (select from sync.links o where o.org_id = l.org_id
        and o.connection_id = l.connection_id and o.type = l.type and o.local_id = l.local_id and o.gone_at is null))
      -- What the run itself has deleted there is named so.
      and not exists (select from sync.writes w where w.org_id = l.org_id and w.run_id = ${plan.undoes}::uuid and w.local_id = l.local_id)`.execute(
    over(tx),
  )
  await keepItems(
    tx,
    place,
    rows.map(({ reason, ...row }) => ({
      ...{ ...row, direction: 'OUT' as const, action: 'CREATE' as const, fields: {}, survivorId: null },
      reason: reason === 'merged' ? MERGED : GONE,
      ...{ sourceAt: null, ours: null, state: 'IMPOSSIBLE' as const },
    })),
  )
}
