import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { holdRun } from '../checkpoint.ts'
import type { Opened } from '../execute.ts'
import { type Link, linksOfLocals } from '../links.ts'
import type { Work } from '../page.ts'
import { contentHash } from '../plan.ts'
import { progressOf } from '../progress.ts'
import { same, type Values } from '../values.ts'
import type { FieldChange, ItemState, PlanItem } from './items.ts'
import { type KeptPlan, keepItems } from './kept.ts'

const BATCH = 200

const GONE = 'The other system no longer has the record.'
const THERE =
  'The other system has the record: the next sync would bring it again. Delete it there, or let it not take part.'
const UNKNOWN = 'What the record said before is no longer known.'
const CHANGED = 'Fields that have changed since, or that only the other system may set, are left as they are.'

/** One record that the run has changed. */
interface Trace {
  type: string
  localId: string
  /** By the source's writing: what was written there. Otherwise the run brought the record over. */
  wrote?: { operation: 'CREATE' | 'UPDATE' | 'ARCHIVE'; fields: Record<string, FieldChange> }
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
      const last = await database.transaction(run.orgId, async (tx) => {
        await holdRun(tx, run)
        const { traces, next } = await pages(tx, run, undone.id, from)
        for (const [type, of] of Map.groupBy(traces, (trace) => trace.type))
          await keepItems(
            tx,
            { orgId: run.orgId, connectionId: run.connectionId, planId: plan.id },
            await itemsOfType(tx, work, opened, { type, traces: of, undone: undone.id, span }),
          )
        return next
      })
      work.signal.throwIfAborted()
      if (last === undefined) break
      after = last
    }
  await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run)
    await nameGone(tx, work, plan, span)
  })
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

const FIRST = '00000000-0000-0000-0000-000000000000'

const writtenBy: Pages = async (tx, { orgId }, runId, after) => {
  const { rows } = await sql<{ id: string; type: string; local_id: string } & NonNullable<Trace['wrote']>>`
    select id, type, local_id, operation, fields from sync.writes
    where org_id = ${orgId}::uuid and run_id = ${runId}::uuid and state = 'DONE' and id > ${after || FIRST}::uuid
    order by id limit ${BATCH}`.execute(over(tx))
  return {
    traces: rows.map(({ type, local_id, operation, fields }) => ({
      type,
      localId: local_id,
      wrote: { operation, fields },
    })),
    next: rows.length < BATCH ? undefined : rows.at(-1)?.id,
  }
}

const itemsOfType = async (
  tx: object,
  { run, target }: Work,
  { sink }: Opened,
  ask: { type: string; traces: readonly Trace[]; undone: string; span: { from: Date; until: Date } },
): Promise<(PlanItem & { state: ItemState })[]> => {
  const { type, traces, undone, span } = ask
  const ids = traces.map(({ localId }) => localId)
  const links = await linksOfLocals(tx, { orgId: run.orgId, connectionId: run.connectionId, type }, ids)
  const current = await target.current(tx, type, ids)
  const before = (await target.before?.(tx, type, ids, span)) ?? new Map<string, Values>()
  const takes = (field: string, value: Values[string]) => sink?.takes(type, field, value) ?? true
  return traces.flatMap(({ localId, wrote }): (PlanItem & { state: ItemState })[] => {
    const link = links.get(localId)
    const held = current.get(localId) ?? {}
    if (!link) return []
    const item = {
      ...{ direction: 'OUT' as const, type, externalId: link.externalId, localId, survivorId: null },
      ...{ sourceAt: link.modifiedAt ?? null, ours: contentHash(held).slice(0, 16) },
    }
    const impossible = (reason: string) => [
      { ...item, action: 'UPDATE' as const, fields: {}, reason, state: 'IMPOSSIBLE' as const },
    ]
    if (link.goneReason !== undefined) return wrote?.operation === 'CREATE' ? [] : impossible(GONE)
    if (wrote?.operation === 'CREATE')
      return [{ ...item, action: 'DELETE' as const, fields: {}, reason: null, state: 'PENDING' as const }]
    const former = wrote ? formerByLedger(wrote.fields, held) : before.get(localId)
    if (!wrote && link.lineage.run === undone && !former) return impossible(THERE)
    if (!former) return impossible(UNKNOWN)
    const isOurs = (field: string) => wrote !== undefined || link.lineage.fields?.[field]?.run === undone
    const fields: Record<string, FieldChange> = {}
    let isPartly = wrote !== undefined && Object.keys(former).length < Object.keys(wrote.fields).length
    for (const field of wrote ? Object.keys(former) : fieldsOf(former, held)) {
      const [from, to] = [held[field] ?? null, former[field] ?? null]
      if (same(from, to)) continue
      if (isOurs(field) && takes(field, to)) fields[field] = { from, to }
      else isPartly = true
    }
    const reason = isPartly ? CHANGED : null
    if (Object.keys(fields).length === 0) return isPartly ? impossible(CHANGED) : []
    return [{ ...item, action: 'UPDATE' as const, fields, reason, state: 'PENDING' as const }]
  })
}

const fieldsOf = (one: Values, other: Values): Set<string> =>
  new Set([...Object.keys(one), ...Object.keys(other)])

/** What a write replaced, of the fields that still say what it wrote. */
const formerByLedger = (fields: Readonly<Record<string, FieldChange>>, held: Values): Values =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([field, { from, to }]) => (same(held[field], to) ? [[field, from]] : [])),
  )

/** Names what went while the run was at work, and cannot come back. */
const nameGone = async (
  tx: object,
  { run }: Work,
  plan: KeptPlan,
  { from, until }: { from: Date; until: Date },
): Promise<void> => {
  const place = { orgId: run.orgId, connectionId: run.connectionId, planId: plan.id }
  const { rows } = await sql<Pick<Link, 'externalId' | 'localId'> & { type: string }>`
    select type, external_id as "externalId", local_id as "localId" from sync.links
    where org_id = ${run.orgId}::uuid and connection_id = ${run.connectionId}::uuid and gone_reason in ('archived', 'missing')
      and gone_at between ${from}::timestamptz and ${until}::timestamptz and type = any(${plan.types}::text[])`.execute(
    over(tx),
  )
  await keepItems(
    tx,
    place,
    rows.map((row) => ({
      ...{
        ...row,
        direction: 'OUT' as const,
        action: 'CREATE' as const,
        fields: {},
        reason: GONE,
        survivorId: null,
      },
      ...{ sourceAt: null, ours: null, state: 'IMPOSSIBLE' as const },
    })),
  )
}
