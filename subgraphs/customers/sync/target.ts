import { CredentialRejected } from '#connectors/hubspot/index.ts'
import type { NewEvent } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { RecordsFailed } from '#sync/errors.ts'
import { mayPush as isPushApproved } from '#sync/plans/may-push.ts'
import { startRun } from '#sync/queue.ts'
import type { Target } from '#sync/target.ts'
import type { Values } from '#sync/values.ts'
import { NeedsReauth } from '../domain/connection-errors.ts'
import { isOn } from '../domain/features.ts'
import type { ChildType, RecordType } from '../domain/kinds.ts'
import { isOwnObject, type OwnedType, type OwnObjectType } from '../domain/own-objects.ts'
import { allows, EVERY_TYPE, isPaused } from '../domain/settings.ts'
import { integrationChanged, runProgressed } from '../domain/telling.ts'
import { conflictTold } from '../domain/telling-conflicts.ts'
import { type IntegrationRow, integrationsOf, noteIntegration, wantRun } from '../store/integrations.ts'
import { noteKnown } from '../store/known-since.ts'
import { endRelisting } from '../store/mappings.ts'
import { pausesOf } from '../store/pauses.ts'
import { portalObjectsOf } from '../store/portal-objects.ts'
import { formerOf, propertiesOf } from '../store/records.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { notePropertiesGone } from '../store/writable.ts'
import { type Admission, admit } from './admit.ts'
import { applyCompanies } from './companies.ts'
import { kindsOf } from './kinds.ts'
import { namedBy, nameLinks } from './name-links.ts'
import { applyOwn, currentOwn } from './own-records.ts'
import type { PortalFacts } from './portal-facts.ts'
import { applyRecords } from './records.ts'
import { markReauth } from './tokens.ts'

const REFUSED = 'HubSpot refuses its credentials'

/** Notes on the connection how its run ended: when it last agreed, what went wrong, and whether somebody has to connect it again. */
const ended: Target['ended'] = async (raw, run, code) => {
  const tx = asTransaction(raw)
  const { orgId, connectionId } = run
  const at = run.finishedAt ?? run.requestedAt
  // A plan, or what one says, is no reading of everything; how it ended is told of the plan.
  const isSync = run.purpose === 'SYNC'
  const isThrough = isSync && (run.state === 'COMPLETED' || code === RecordsFailed.code)
  if (isThrough) {
    await endRelisting(tx, orgId, run.id)
    const read = run.types.filter(({ complete }) => complete).map(({ type }) => type)
    await noteKnown(tx, { orgId, integrationId: connectionId }, read, run.requestedAt)
  }
  const place = { orgId, integrationId: connectionId }
  if (code === CredentialRejected.code) await markReauth(tx, place, REFUSED, at)
  // What was said when it happened says more than what stopped later on account of it.
  const isNews = isSync && run.error !== null && code !== NeedsReauth.code && code !== CredentialRejected.code
  const note = { ...(isThrough ? { lastSyncAt: at } : {}), ...(isNews ? { lastError: run.error ?? '' } : {}) }
  await noteIntegration(tx, orgId, connectionId, note, at)
  const [row] = await integrationsOf(tx, orgId, [connectionId])
  return row ? [integrationChanged(row), ...(await readAgain(tx, row, at))] : []
}

/** Asks for the run that is to follow this one: what should be read was changed while it was under way. */
const readAgain = async (tx: Transaction, row: IntegrationRow, at: Date): Promise<NewEvent[]> => {
  const { org_id: orgId, id: connectionId, wanted_run: mode } = row
  if (!mode || !(await isActive(tx, orgId, connectionId))) return []
  await wantRun(tx, orgId, connectionId, null)
  const clock = { now: () => at }
  const { run, isNew } = await startRun(tx, { orgId, connectionId, mode, clock })
  return isNew ? [runProgressed(run)] : []
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

/** Whether changes of a kind that were made here are written to HubSpot now. What is not stays noted. */
export const mayPush = async (
  raw: object,
  orgId: string,
  connectionId: string,
  type: string,
): Promise<boolean> => {
  const tx = asTransaction(raw)
  const [row] = await integrationsOf(tx, orgId, [connectionId])
  if (row?.status !== 'ACTIVE' || row.disconnected_at || !allows(row.direction, 'OUT') || !isOn(row, 'WRITE'))
    return false
  if (isOwnObject(type) && !(await hasRoomFor(tx, row, type))) return false
  const pauses = (await pausesOf(tx, orgId, [connectionId])).get(connectionId) ?? []
  // The first writes of a connection wait until somebody has approved a plan of them.
  return !isPaused(pauses, 'OUT', type) && (await isPushApproved(tx, orgId, connectionId))
}

/** Whether a portal has a kind of our own, and lets us write it. */
const hasRoomFor = async (tx: Transaction, row: IntegrationRow, type: OwnObjectType): Promise<boolean> =>
  isOn(row, 'CUSTOM_OBJECTS') &&
  (await portalObjectsOf(tx, { orgId: row.org_id, integrationId: row.id })).has(type)

/** Whether a connection is read without anybody asking: not while it waits for its credentials, is paused, or only goes out. */
export const isActive = async (raw: object, orgId: string, connectionId: string): Promise<boolean> => {
  const tx = asTransaction(raw)
  const [row] = await integrationsOf(tx, orgId, [connectionId])
  if (row?.status !== 'ACTIVE' || row.disconnected_at || !allows(row.direction, 'IN')) return false
  const pauses = (await pausesOf(tx, orgId, [connectionId])).get(connectionId) ?? []
  return !isPaused(pauses, 'IN', EVERY_TYPE)
}

/** For so long after a run what a portal has told of is read too, where changes do not come over at once. */
const AFTER_RUN_MS = 60_000

/**
 * Whether what a portal has told of is read now: at once in real time; else together with the runs that its frequency asks for, so
 * that nothing comes over in between.
 */
export const maySignal =
  (clock: Clock) =>
  async (raw: object, orgId: string, connectionId: string, type: string): Promise<boolean> => {
    if (!(await isActive(raw, orgId, connectionId))) return false
    const tx = asTransaction(raw)
    const pauses = (await pausesOf(tx, orgId, [connectionId])).get(connectionId) ?? []
    if (isPaused(pauses, 'IN', type)) return false
    const [row] = await integrationsOf(tx, orgId, [connectionId])
    if (row?.frequency === 'REALTIME') return true
    const age = clock.now().getTime() - (row?.last_sync_at?.getTime() ?? Number.NEGATIVE_INFINITY)
    return age < AFTER_RUN_MS
  }

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
