import type { LoggedEvent } from '#events/log.ts'
import { idFrom } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import { goesOut } from '../domain/going-out.ts'
import { type Happening, happeningsIn, nameOf, type Sighting } from '../domain/happenings.ts'
import { TOLD_ONCE, toldOnce } from '../domain/happenings-told-once.ts'
import { timelineWay } from '../domain/timeline.ts'
import { timelineKindsOf } from '../domain/timeline-settings.ts'
import { accountStates } from '../store/identities.ts'
import { integrationsOf } from '../store/integrations.ts'
import { mainCompanies, type NewTimelineRow, portalsWithKey } from '../store/timeline.ts'
import { setTold, toldOf } from '../store/timeline-told.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { tellTimeline } from './tell-timeline.ts'

/** Names of the events that timelines are told of. */
export const HAPPENING_EVENTS = [
  'telephony.account.changed',
  'telephony.trunk.changed',
  'telephony.number.changed',
  'telephony.brand.changed',
  ...TOLD_ONCE,
] as const

/**
 * Makes events for timelines out of what a sibling tells, each once, in the transaction that takes it in. A portal is told what has
 * happened since it was connected, of the kinds that it wants, and nothing that it could not be told anyway. A batch takes the same
 * number of statements, however many events it has.
 * @param hasDeveloper whether the hub has the developer's key of its app
 */
export const takeHappenings = async (
  raw: object,
  orgId: string,
  events: readonly LoggedEvent[],
  { hasDeveloper, at }: { hasDeveloper: boolean; at: Date },
): Promise<void> => {
  const tx = asTransaction(raw)
  const sightings = events.flatMap(sightingIn)
  const happenings = [
    ...(await comparedToBefore(tx, orgId, sightings)),
    ...events.flatMap((each) => toldOnce(each) ?? []),
  ]
  if (happenings.length === 0) return
  const portals = await toldPortals(tx, orgId, hasDeveloper)
  if (portals.size === 0) return
  const customers = await accountStates(tx, orgId, 'WARP', [...new Set(happenings.map(({ ban }) => ban))])
  const ids = [...new Set([...customers.values()].map(({ customerId }) => customerId))]
  const companies = Map.groupBy(await mainCompanies(tx, orgId, ids), (company) => company.customer_id)
  const rows = happenings.flatMap(({ kind, ban, about, at: happenedAt, tokens }) =>
    (companies.get(customers.get(ban)?.customerId ?? '') ?? []).flatMap((company): NewTimelineRow[] => {
      const { id: companyId, integration_id } = company
      const portal = portals.get(integration_id)
      const occurredAt = new Date(happenedAt)
      if (!portal?.kinds.has(kind) || occurredAt < portal.since) return []
      const id = idFrom(orgId, 'timeline', integration_id, kind, about)
      return [{ id, integration_id, company_id: companyId, kind, tokens, occurred_at: occurredAt }]
    }),
  )
  await tellTimeline(tx, orgId, rows, at)
}

/** What has happened since accounts, trunks and numbers were last told of; how they stand now is kept. At most two statements. */
const comparedToBefore = async (
  tx: Transaction,
  orgId: string,
  sightings: readonly Sighting[],
): Promise<Happening[]> => {
  if (sightings.length === 0) return []
  const accounts = sightings.flatMap((each) =>
    each.subject === 'ACCOUNT' ? [] : [{ subject: 'ACCOUNT' as const, id: each.state.ban }],
  )
  const asked = new Map([...sightings, ...accounts].map((each) => [nameOf(each), each]))
  const { happenings, now } = happeningsIn(await toldOf(tx, orgId, [...asked.values()]), sightings)
  await setTold(tx, orgId, [...now.values()])
  return happenings
}

/** The portals that are told of events, with the kinds that they want. */
export const toldPortals = async (tx: Transaction, orgId: string, hasDeveloper: boolean) => {
  const keyed = await portalsWithKey(tx, orgId)
  const rows = (await integrationsOf(tx, orgId)).filter(
    (row) => goesOut(row) && timelineWay(row, { developer: hasDeveloper, key: keyed.has(row.id) }),
  )
  return new Map(rows.map((row) => [row.id, { since: row.created_at, kinds: new Set(timelineKindsOf(row)) }]))
}

const instant = (text: string): string => new Date(text).toISOString()

const sightingIn = (event: LoggedEvent): Sighting[] => {
  const { name, version, payload } = event
  if (name === 'telephony.account.changed') {
    const told = readEvent(name, version, payload)
    const { ban, status, tier, creditLimit, createdAt, observedAt, mrr, contractEnd } = told
    const { paymentStatus, paymentTerms, paymentMethod, apiEnabled, smsEnabled } = told
    const limit = { creditLimit: creditLimit.amount, currency: creditLimit.currency }
    const paying = { mrr: mrr.amount, contractEnd, paymentStatus, paymentTerms, paymentMethod }
    const state = { status, tier, ...limit, createdAt: instant(createdAt), ...paying, apiEnabled, smsEnabled }
    return [{ subject: 'ACCOUNT', id: ban, at: instant(observedAt), state }]
  }
  if (name === 'telephony.trunk.changed') {
    const told = readEvent(name, version, payload)
    const { ban, status, concurrentCalls, monthlyMinutes, createdAt } = told
    const { ipAddresses = [], partitionId = null } = told
    const made = { createdAt: createdAt ? instant(createdAt) : null }
    const set = { concurrentCalls, monthlyMinutes, ipAddresses, partitionId }
    const state = { ban, name: told.name, status, ...set, ...made }
    return [{ subject: 'TRUNK', id: told.trunkId, at: instant(told.observedAt), state }]
  }
  if (name === 'telephony.brand.changed') {
    const { brandId, ban, tcrBrandId, status, observedAt } = readEvent(name, version, payload)
    return [{ subject: 'BRAND', id: brandId, at: instant(observedAt), state: { ban, tcrBrandId, status } }]
  }
  if (name !== 'telephony.number.changed') return []
  const { numberId, ban, type, trunkId, createdAt, observedAt, ...more } = readEvent(name, version, payload)
  const {
    capabilities = [],
    monthlyCost = null,
    sealed = null,
    status,
    origin,
    e911,
    respOrg,
    together,
  } = more
  const made = { createdAt: createdAt ? instant(createdAt) : null }
  const life = { status, origin, e911, respOrg }
  const state = { ban, type, trunkId, capabilities, monthlyCost, sealed, ...made, ...life }
  return [{ subject: 'NUMBER', id: numberId, at: instant(observedAt), state, together }]
}
