import { type HubSpot, type NewHubSpotEvent, VendorRefused } from '#connectors/hubspot/index.ts'
import type { Clock } from '#kernel/clock.ts'
import type { HubError } from '#kernel/errors.ts'
import type { Vault } from '#kernel/vault.ts'
import type { RaiseAlerts } from '#sync/alerts.ts'
import { concludeApart } from '#sync/apart.ts'
import { ScopesChanged } from '#sync/errors.ts'
import { holdLane, type Lane } from '#sync/lanes.ts'
import { isPlaceholder } from '#sync/links.ts'
import type { WriteApart } from '#sync/pusher.ts'
import type { Waiting } from '#sync/settle.ts'
import { linkField, linksToField } from '../domain/links.ts'
import type { LeavingRules } from '../domain/may-leave.ts'
import {
  noteOf,
  type TimelineState,
  type TimelineWay,
  timelineWay,
  tokensThatMayLeave,
} from '../domain/timeline.ts'
import { CompanyGone, KindGone, NoWayToTell, PerhapsTold } from '../domain/timeline-errors.ts'
import { type TimelineKind, timelineKind } from '../domain/timeline-kinds.ts'
import type { IntegrationRow } from '../store/integrations.ts'
import { moveTimeline, portalsWithKey, type WaitingRow, waitingTimeline } from '../store/timeline.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'
import { changeRecords } from './change-records.ts'
import { rulesFor } from './leaving.ts'
import type { Portals } from './portals.ts'
import { openTemplates } from './timeline-templates.ts'

interface TimelineOptions {
  database: Rows
  clock: Clock
  vault: Vault
  portals: Portals
  raise?: RaiseAlerts
}

/** What becomes of an event, with what went wrong. */
interface Outcome {
  row: WaitingRow
  state: TimelineState
  way: TimelineWay | null
  error?: Error
}

/**
 * Writes events to the timelines of a portal's companies, or as notes where it has none for us. An event whose answer was lost is sent
 * again under the same id, which HubSpot takes once; a note is made in the same transaction that settles its event.
 */
export const timelineWriter = (options: TimelineOptions): WriteApart => {
  const { database, clock, portals } = options
  const templates = openTemplates()

  const prepare = async (sent: readonly Ready[], portal: IntegrationRow, signal: AbortSignal) => {
    const hubspot = await portals.open(portal, { signal })
    return { hubspot, ids: await templates(hubspot, [...new Set(sent.map(({ kind }) => kind))]) }
  }

  const send = async (
    sent: readonly Ready[],
    { hubspot, ids }: Speaking,
    rules: LeavingRules,
  ): Promise<Outcome[]> => {
    const events = sent.map(
      ({ row, kind }): NewHubSpotEvent => ({
        id: row.id,
        templateId: ids.get(kind.name) ?? '',
        objectId: row.company_external_id,
        tokens: tokensThatMayLeave(row.tokens, rules),
        at: new Date(row.occurred_at),
      }),
    )
    try {
      const refused = new Map((await hubspot.createTimelineEvents(events)).map((each) => [each.id, each]))
      return sent.map(({ row }): Outcome => {
        const refusal = refused.get(row.id)
        if (!refusal) return { row, state: 'SENT', way: 'TIMELINE' }
        const reason = refusal.message === '' ? refusal.category : refusal.message
        const error = VendorRefused.with({ vendor: 'HubSpot', reason })
        return { row, state: 'REFUSED', way: 'TIMELINE', error }
      })
    } catch (error) {
      if (!ScopesChanged.is(error)) throw error
      // None of these is there: the next turn writes notes. Of one that was sent before nobody can tell.
      return sent.map(({ row }): Outcome => ({ row, state: 'WAITING', way: row.way }))
    }
  }

  return async (lane, waiting, signal) => {
    const { orgId, connectionId } = lane
    const place = { orgId, integrationId: connectionId }
    const startedAt = clock.now()
    const portal = await portals.connection(place)
    const { rows, hasKey } = await database.read(orgId, async (tx) => ({
      rows: await waitingTimeline(
        tx,
        place,
        waiting.map(({ key }) => key),
      ),
      hasKey: (await portalsWithKey(tx, orgId)).has(connectionId),
    }))
    const way = timelineWay(portal, { developer: portals.hasDeveloper, key: hasKey })
    const told = rows.flatMap((row) => placeOf(row, way) ?? [])
    const refused = told.flatMap((each) => ('error' in each ? each : []))
    const ready = told.flatMap((each) => ('error' in each ? [] : each))
    const notes = ready.filter((each) => each.way === 'NOTE')
    const sent = ready.filter((each) => each.way === 'TIMELINE')
    // Before anything may be there: what fails here can still be written in another way.
    const rules = await rulesFor(options, place)(ready.flatMap(({ row }) => Object.values(row.tokens)))
    const speaking = sent.length > 0 ? await prepare(sent, portal, signal) : undefined
    // What waits for its company's id is noted again when that is known.
    await database.transaction(orgId, async (raw) => {
      const tx = asTransaction(raw)
      await holdLane(tx, lane)
      const creates = notes.map((each) => noteFor(each, rules))
      if (creates.length > 0)
        await changeRecords(tx, { ...place, type: 'notes' }, { creates }, clock.now(), { isUrgent: false })
      await moveTimeline(
        tx,
        orgId,
        sent.map(({ row }) => ({ id: row.id, state: 'SENDING', way: 'TIMELINE' })),
        clock.now(),
      )
      const noted = notes.map(({ row }): Outcome => ({ row, state: 'NOTED', way: 'NOTE' }))
      const busy = new Set(sent.map(({ row }) => row.id))
      const settled = waiting.filter(({ key }) => !busy.has(key))
      await conclude(tx, options, lane, { outcomes: [...noted, ...refused], settled, startedAt })
    })
    if (!speaking) return
    const outcomes = await send(sent, speaking, rules)
    await database.transaction(orgId, async (raw) => {
      const tx = asTransaction(raw)
      await holdLane(tx, lane)
      const over = new Set(outcomes.filter(({ state }) => state !== 'WAITING').map(({ row }) => row.id))
      const settled = waiting.filter(({ key }) => over.has(key))
      await conclude(tx, options, lane, { outcomes, settled, startedAt })
    })
  }
}

/** A portal, with the ids of the templates that are needed. */
interface Speaking {
  hubspot: HubSpot
  ids: ReadonlyMap<string, string>
}

interface Ready {
  row: WaitingRow
  kind: TimelineKind
  way: TimelineWay
}

/** How an event is written now; undefined for one that has to wait for its company's id. */
const placeOf = (
  row: WaitingRow,
  way: TimelineWay | undefined,
): Ready | (Outcome & { error: Error }) | undefined => {
  const kind = timelineKind(row.kind)
  const refuse = (error: HubError) => ({ row, state: 'REFUSED' as const, way: null, error })
  if (row.is_gone) return refuse(CompanyGone.with())
  if (!kind) return refuse(KindGone.with({ kind: row.kind }))
  if (isPlaceholder(row.company_external_id)) return undefined
  // Written as a note it might be told twice.
  if (row.way === 'TIMELINE' && way !== 'TIMELINE') return refuse(PerhapsTold.with())
  return way ? { row, kind, way } : refuse(NoWayToTell.with())
}

const noteFor = ({ row, kind }: Ready, rules: LeavingRules) => ({
  // Of the same id as the event: it cannot be made twice.
  localId: row.id,
  values: {
    hs_note_body: noteOf(kind, tokensThatMayLeave(row.tokens, rules)),
    hs_timestamp: new Date(row.occurred_at).toISOString(),
    [linkField('companies')]: linksToField([{ id: row.company_external_id, primary: false }]),
  },
})

/** Notes what became of events: their states, what no longer waits, dead letters, the log. */
const conclude = async (
  raw: object,
  options: TimelineOptions,
  lane: Lane,
  what: { outcomes: readonly Outcome[]; settled: readonly Waiting[]; startedAt: Date },
): Promise<void> => {
  const { outcomes, ...rest } = what
  const failed = outcomes.flatMap(({ row, error }) => (error ? [{ id: row.id, error }] : []))
  const done = outcomes.filter(({ state }) => state === 'SENT' || state === 'NOTED').map(({ row }) => row.id)
  const reasons = await concludeApart(raw, options, lane, { ...rest, done, failed })
  await moveTimeline(
    asTransaction(raw),
    lane.orgId,
    outcomes.map(({ row, state, way }) => ({ id: row.id, state, way, problem: reasons.get(row.id) ?? null })),
    options.clock.now(),
  )
}
