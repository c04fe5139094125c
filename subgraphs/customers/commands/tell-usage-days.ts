import { idFrom } from '#kernel/ids.ts'
import type { ChangeRecords } from '../context.ts'
import { noteOf, type Tokens } from '../domain/timeline.ts'
import { timelineKind } from '../domain/timeline-kinds.ts'
import { dailyTokens, isSilent } from '../domain/usage-days.ts'
import { identitiesOf } from '../store/identities.ts'
import {
  mainCompanies,
  type NewTimelineRow,
  setTimelineTokens,
  type TimelineEntryRow,
  timelineByIds,
} from '../store/timeline.ts'
import type { Transaction } from '../store/transaction.ts'
import { usageOn } from '../store/usage-days.ts'
import { toldPortals } from './take-happenings.ts'
import { tellTimeline } from './tell-timeline.ts'

interface Around {
  changeRecords: ChangeRecords
  orgId: string
  hasDeveloper: boolean
  at: Date
}

const SUMMARY = 'daily_usage_summary'
const CORRECTED = 'daily_usage_corrected'

/**
 * Tells timelines what customers used on days, all their accounts together, where a portal wants it. A day that was told is told once: with
 * other numbers a note is changed, and an event, which nobody can change, is followed by one that says so. A day on which nothing was used
 * is no news, and only corrects what was told of it before. The statements do not depend on how many there are.
 */
export const tellUsageDays = async (
  tx: Transaction,
  around: Around,
  days: readonly { customerId: string; day: string }[],
): Promise<void> => {
  const { orgId, at } = around
  if (days.length === 0) return
  const portals = await toldPortals(tx, orgId, around.hasDeveloper)
  if (![...portals.values()].some(({ kinds }) => kinds.has(SUMMARY))) return
  const tokens = await tokensOf(tx, orgId, days)
  const companies = await mainCompanies(tx, orgId, [...new Set(days.map(({ customerId }) => customerId))])
  const rows = companies.flatMap((company): { row: NewTimelineRow; isNews: boolean }[] => {
    const { id: company_id, integration_id } = company
    const portal = portals.get(integration_id)
    if (!portal?.kinds.has(SUMMARY)) return []
    return (tokens.get(company.customer_id) ?? []).flatMap(({ day, observedAt, said, isNews }) => {
      if (observedAt < portal.since) return []
      const id = idFrom(orgId, 'timeline', integration_id, SUMMARY, `${company_id} ${day}`)
      const row = { id, integration_id, company_id, kind: SUMMARY, tokens: said, occurred_at: observedAt }
      return [{ row, isNews }]
    })
  })
  const news = rows.flatMap(({ row, isNews }) => (isNews ? [row] : []))
  const made = await tellTimeline(tx, orgId, news, at)
  const known = rows.flatMap(({ row }) => (made.has(row.id) ? [] : [row]))
  await correct(tx, around, known)
}

/** What customers used on the days that are told, by customer: two statements. */
const tokensOf = async (
  tx: Transaction,
  orgId: string,
  days: readonly { customerId: string; day: string }[],
) => {
  const asked = new Set(days.map(({ customerId, day }) => `${customerId} ${day}`))
  const accounts = await identitiesOf(tx, orgId, [...new Set(days.map(({ customerId }) => customerId))])
  const owners = new Map(
    [...accounts].flatMap(([id, all]) =>
      all.flatMap(({ system, account_id }) => (system === 'WARP' ? [[account_id, id] as const] : [])),
    ),
  )
  const used = await usageOn(tx, orgId, [...owners.keys()], [...new Set(days.map(({ day }) => day))])
  const told = Map.groupBy(used, ({ ban, day }) => `${owners.get(ban)} ${day}`)
  return Map.groupBy(
    [...told].flatMap(([name, all]) => {
      const [customerId = '', day = ''] = name.split(' ')
      const observedAt = new Date(Math.max(...all.map((row) => new Date(row.observed_at).getTime())))
      const told = { customerId, day, observedAt, said: dailyTokens(all), isNews: !isSilent(all) }
      return asked.has(name) ? [told] : []
    }),
    ({ customerId }) => customerId,
  )
}

const sameTokens = (one: Tokens, other: Tokens): boolean =>
  Object.keys({ ...one, ...other }).every((name) => one[name] === other[name])

/** Lets what was told before say other numbers: at most four statements, and those of changing notes for each portal. */
const correct = async (
  tx: Transaction,
  { orgId, changeRecords, at }: Around,
  rows: readonly NewTimelineRow[],
): Promise<void> => {
  const kind = timelineKind(SUMMARY)
  if (rows.length === 0 || !kind) return
  const held = await timelineByIds(
    tx,
    orgId,
    rows.map(({ id }) => id),
  )
  const moved = rows.flatMap((row): { row: NewTimelineRow; was: TimelineEntryRow }[] => {
    const was = held.get(row.id)
    return was && !sameTokens(was.tokens, row.tokens) ? [{ row, was }] : []
  })
  const isThere = ({ was }: (typeof moved)[number]) => was.state === 'SENT' || was.state === 'SENDING'
  await setTimelineTokens(
    tx,
    orgId,
    moved.filter((each) => !isThere(each)).map(({ row }) => row),
  )
  const notes = Map.groupBy(
    moved.filter(({ was }) => was.state === 'NOTED'),
    ({ row }) => row.integration_id,
  )
  for (const [integrationId, own] of notes) {
    const updates = own.map(({ row }) => ({
      localId: row.id,
      values: { hs_note_body: noteOf(kind, row.tokens) },
    }))
    await changeRecords(tx, { orgId, integrationId, type: 'notes' }, { updates }, at, { isUrgent: false })
  }
  await tellTimeline(
    tx,
    orgId,
    moved.filter(isThere).map(({ row }) => {
      const { integration_id, tokens } = row
      const about = JSON.stringify(Object.entries(tokens).sort())
      const id = idFrom(orgId, 'timeline', integration_id, CORRECTED, `${row.id} ${about}`)
      return { ...row, id, kind: CORRECTED }
    }),
    at,
  )
}
