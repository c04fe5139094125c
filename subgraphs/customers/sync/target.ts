import { CredentialRejected } from '#connectors/hubspot/index.ts'
import type { NewEvent } from '#events/outbox.ts'
import { endingRuns } from '#sync/ended-run.ts'
import { NeedsReauth } from '#sync/errors.ts'
import { mayRun } from '#sync/may-run.ts'
import { noteSignals } from '#sync/signals.ts'
import type { Target } from '#sync/target.ts'
import type { Values } from '#sync/values.ts'
import { isOn } from '../domain/features.ts'
import type { ChildType, RecordType } from '../domain/kinds.ts'
import { isOwnObject, type OwnedType, type OwnObjectType } from '../domain/own-objects.ts'
import { allows, EVERY_TYPE, isPaused } from '../domain/settings.ts'
import { integrationChanged, runProgressed } from '../domain/telling.ts'
import { conflictTold } from '../domain/telling-conflicts.ts'
import type { CatalogPlace } from '../store/catalog.ts'
import { type IntegrationRow, integrationsOf, noteSync, wantRun } from '../store/integrations.ts'
import { noteKnown } from '../store/known-since.ts'
import { endRelisting } from '../store/mappings.ts'
import { ownRecordIds } from '../store/own-records.ts'
import { pausesOf } from '../store/pauses.ts'
import { portalObjectsOf } from '../store/portal-objects.ts'
import { formerOf, propertiesOf, renameRecords } from '../store/records.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { notePropertiesGone } from '../store/writable.ts'
import { type Admission, admit } from './admit.ts'
import { applyCompanies } from './companies.ts'
import { kindsOf } from './kinds.ts'
import { giveUpLinks, moveLinks } from './move-links.ts'
import { namedBy, nameLinks } from './name-links.ts'
import { applyOwn, currentOwn } from './own-records.ts'
import type { PortalFacts } from './portal-facts.ts'
import { applyRecords } from './records.ts'
import { markReauth } from './tokens.ts'

const REFUSED = 'HubSpot refuses its credentials'

const { isActive, maySignal, mayPush } = mayRun(async (raw, orgId, connectionId) => {
  const tx = asTransaction(raw)
  const [row] = await integrationsOf(tx, orgId, [connectionId])
  if (row?.status !== 'ACTIVE' || row.disconnected_at) return undefined
  const pauses = (await pausesOf(tx, orgId, [connectionId])).get(connectionId) ?? []
  return {
    comesIn: allows(row.direction, 'IN'),
    goesOut: allows(row.direction, 'OUT'),
    isPaused: (way, type = EVERY_TYPE) => isPaused(pauses, way, type),
    mayRead: () => true,
    mayWrite: async (type) => isOn(row, 'WRITE') && (!isOwnObject(type) || (await hasRoomFor(tx, row, type))),
    isRealtime: row.frequency === 'REALTIME',
    lastSyncAt: row.last_sync_at,
  }
})

export { isActive, mayPush, maySignal }

const ended = endingRuns({
  ...{ noteSync, wantRun, isActive, progressed: runProgressed, refusal: CredentialRejected.code },
  refused: (tx, { orgId, connectionId: integrationId }, at) =>
    markReauth(tx, { orgId, integrationId }, REFUSED, at),
  connection: async (tx, orgId, id) => {
    const [row] = await integrationsOf(asTransaction(tx), orgId, [id])
    return row && { told: integrationChanged(row), wantedRun: row.wanted_run }
  },
  also: async (raw, run, { isThrough, at }) => {
    if (!isThrough) return
    const tx = asTransaction(raw)
    const place = { orgId: run.orgId, integrationId: run.connectionId }
    await endRelisting(tx, place.orgId, run.id)
    const read = run.types.filter(({ complete }) => complete).map(({ type }) => type)
    await noteKnown(tx, place, read, run.requestedAt)
    if (run.mode !== 'INCREMENTAL') await lookAtOwn(tx, place, at)
  },
})

/** Has every record of our own kinds looked at: whatever people have changed in them is put back. */
const lookAtOwn = async (tx: Transaction, place: CatalogPlace, at: Date): Promise<void> => {
  const { orgId, integrationId: connectionId } = place
  const records = await ownRecordIds(tx, place)
  const signals = records.map(({ type, external_id: externalId }) => ({ type, externalId }))
  await noteSignals(
    tx,
    signals.map((each) => ({ orgId, connectionId, ...each })),
    at,
  )
}

/** What only people can mend: a run that meets it is parked until a portal is connected again. */
export const parks = (error: unknown): boolean => NeedsReauth.is(error)

/** What can be told of a run without knowing its portal. */
export const plainTarget: Target = {
  current: async (tx, type, ids) => await valuesOf(tx, type, ids),
  before: async (tx, type, ids, span) =>
    (await formerOf(asTransaction(tx), type as RecordType, ids, span)) as Map<string, Values>,
  apply: () => Promise.reject(new Error('this target only tells of runs')),
  contested: (conflicts) => conflicts.map(conflictTold),
  progressed: (run) => [runProgressed(run)],
  ended,
}

const valuesOf = async (raw: object, type: string, ids: readonly string[]) =>
  isOwnObject(type)
    ? await currentOwn(raw, ids)
    : ((await propertiesOf(asTransaction(raw), type as RecordType, ids)) as Map<string, Values>)

/** The customers' tables as changes are written that were made here. */
export const ownTarget = (facts: PortalFacts): Target => {
  const kinds = kindsOf(facts)
  return {
    ...plainTarget,
    namedBy,
    untaken: (tx, type, fields, { orgId, connectionId, at }) =>
      notePropertiesGone(
        asTransaction(tx),
        { orgId, integrationId: connectionId },
        type as OwnedType,
        fields,
        at,
      ),
    moved: moveLinks,
    refused: (tx, type, writes, around) =>
      type === 'companies' || isOwnObject(type) ? Promise.resolve([]) : giveUpLinks(tx, type, writes, around),
    namedGone: (tx, type, named, { orgId, connectionId }) =>
      renameRecords(
        asTransaction(tx),
        {
          ...{ orgId, integrationId: connectionId },
          type: isOwnObject(type) ? 'own_records' : (type as RecordType),
        },
        named,
      ),
    named: (tx, type, named, around) => nameLinks(tx, type as OwnedType, named, around),
    apply: (tx, plan, around) => {
      if (isOwnObject(plan.type)) return applyOwn(tx, plan, around)
      return plan.type === 'companies'
        ? applyCompanies(tx, plan, around, facts)
        : applyRecords(tx, plan, around, kinds[plan.type as ChildType])
    },
  }
}

/** The customers' tables as the engine writes what it has read. */
export const customersTarget = (
  facts: PortalFacts,
  admission: Admission,
  takesPart?: Target['takesPart'],
): Target => ({ ...ownTarget(facts), admit: admit(admission), ...(takesPart ? { takesPart } : {}) })

/** Whether a portal has a kind of our own, and lets us write it. */
const hasRoomFor = async (tx: Transaction, row: IntegrationRow, type: OwnObjectType): Promise<boolean> =>
  isOn(row, 'CUSTOM_OBJECTS') &&
  (await portalObjectsOf(tx, { orgId: row.org_id, integrationId: row.id })).has(type)

/** Notes on the connection that the portal refuses its credentials, when that is what it refused; tells others itself, once. */
export const noteRefused = async (
  raw: object,
  orgId: string,
  connectionId: string,
  code: string,
  at: Date,
): Promise<NewEvent[]> => {
  if (code === CredentialRejected.code)
    await markReauth(raw, { orgId, integrationId: connectionId }, REFUSED, at)
  return []
}
