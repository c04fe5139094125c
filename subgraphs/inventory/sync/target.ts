import { CredentialRejected } from '#connectors/c3/index.ts'
import type { NewEvent } from '#events/outbox.ts'
import { allows, EVERY_TYPE, isPaused } from '#schema/events.ts'
import { endingRuns } from '#sync/ended-run.ts'
import { NeedsReauth } from '#sync/errors.ts'
import { mayRun } from '#sync/may-run.ts'
import type { RunProgress } from '#sync/run.ts'
import type { Target } from '#sync/target.ts'
import { mayRead, mayWrite } from '../domain/features.ts'
import { integrationChanged, type MarkNumber, runProgressed } from '../domain/telling.ts'
import { conflictTold } from '../domain/telling-conflicts.ts'
import { noteAdviceDue, noteAdviceSince, noteOpenRequests, wakeAdvising } from '../store/advice-due.ts'
import { indexParts } from '../store/components.ts'
import { currentValues } from '../store/current.ts'
import { integrationsOf, needReauth, noteSync, wantRun } from '../store/integrations.ts'
import { pausesOf } from '../store/pauses.ts'
import { versionsBefore } from '../store/rfq-versions.ts'
import { asTransaction } from '../store/transaction.ts'
import { writeAccounts } from './accounts.ts'
import { changesOf, goneIds } from './read-values.ts'
import { takeBack } from './refused.ts'
import { stockIsHeld } from './reservations.ts'
import { writeRfqs } from './rfqs.ts'
import { writeStock } from './stock.ts'
import { isKnownTrade, writeSuppliers, writeTransactions } from './trade.ts'

const writers = {
  inventory: writeStock,
  customers: writeAccounts,
  rfqs: writeRfqs,
  suppliers: writeSuppliers,
  transactions: writeTransactions,
}

const REFUSED = 'C3 refuses its key'

const { isActive, maySignal, mayPush } = mayRun(async (raw, orgId, connectionId) => {
  const tx = asTransaction(raw)
  const [row] = await integrationsOf(tx, orgId, [connectionId])
  if (row?.status !== 'ACTIVE' || row.disconnectedAt) return undefined
  const pauses = (await pausesOf(tx, orgId, [connectionId])).get(connectionId) ?? []
  return {
    comesIn: allows(row.direction, 'IN'),
    goesOut: allows(row.direction, 'OUT'),
    isPaused: (way, type = EVERY_TYPE) => isPaused(pauses, way, type),
    mayRead: (type) => mayRead(row, type),
    mayWrite: (type) => mayWrite(row, type),
    isRealtime: row.frequency === 'REALTIME',
    lastSyncAt: row.lastSyncAt,
  }
})

export { isActive, mayPush, maySignal }

const ended = endingRuns({
  ...{ noteSync, wantRun, isActive, progressed: runProgressed, refusal: CredentialRejected.code },
  refused: (tx, { orgId, connectionId }, at) => needReauth(tx, orgId, connectionId, REFUSED, at),
  connection: async (tx, orgId, id) => {
    const [row] = await integrationsOf(asTransaction(tx), orgId, [id])
    return row && { told: integrationChanged(row), wantedRun: row.wantedRun }
  },
  also: async (raw, run) => {
    const tx = asTransaction(raw)
    if (run.mode !== 'INCREMENTAL') await noteAdviceSince(tx, run.connectionId, run.requestedAt)
    if (run.purpose === 'SYNC' && run.mode === 'FULL') await noteOpenRequests(tx)
    await indexParts(tx)
    await wakeAdvising(tx)
  },
})

const writeWith =
  (mark: MarkNumber): Target['apply'] =>
  (tx, plan, around) =>
    writers[plan.type as keyof typeof writers](tx, plan, around, mark)

/** Where the sync engine puts what C3 says. @param mark of telephone numbers, for whoever compares customers by them */
export const targetWith = (mark: MarkNumber): Target => ({
  takesPart: (type, { values }) => type !== 'transactions' || isKnownTrade(values),
  current: currentValues,
  before: async (tx, type, ids, span) =>
    type === 'rfqs' ? await versionsBefore(asTransaction(tx), ids, span) : new Map(),
  apply: async (tx, plan, around) => {
    const events = await writeWith(mark)(tx, plan, around)
    const changed = changesOf(plan).map(({ localId }) => localId)
    await noteAdviceDue(asTransaction(tx), plan.type, [...changed, ...goneIds(plan)])
    return events
  },
  written: (tx, type, writes, around) =>
    type === 'rfqs' ? stockIsHeld(tx, writes, around) : Promise.resolve(),
  refused: (tx, _, writes, around) => takeBack(tx, c3Target, writes, around),
  contested: (conflicts) => conflicts.map(conflictTold),
  progressed: (run: RunProgress) => [runProgressed(run)],
  ended,
})

/** The same for a reading of everything: what is to be advised on is noted at its end. */
export const wholeTargetWith = (mark: MarkNumber): Target => ({ ...targetWith(mark), apply: writeWith(mark) })

/** The same where no customers of C3's come in. */
export const c3Target: Target = targetWith(() => undefined)

/** What only people can mend: a run that meets it is parked until there is a good key again. */
export const parks = (error: unknown): boolean => NeedsReauth.is(error)

/** Notes on the connection that C3 refuses its key, when that is what it refused. @returns how others are told of it */
export const noteRefused = async (
  raw: object,
  orgId: string,
  connectionId: string,
  code: string,
  at: Date,
): Promise<NewEvent[]> => {
  const tx = asTransaction(raw)
  if (code !== CredentialRejected.code || !(await needReauth(tx, orgId, connectionId, REFUSED, at))) return []
  return (await integrationsOf(tx, orgId, [connectionId])).map(integrationChanged)
}
