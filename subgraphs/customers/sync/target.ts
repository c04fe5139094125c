import type { NewEvent } from '#events/outbox.ts'
import { RecordsFailed } from '#sync/errors.ts'
import type { Target } from '#sync/target.ts'
import type { Values } from '#sync/values.ts'
import { integrationChanged, runProgressed } from '../domain/telling.ts'
import { integrationsOf, noteIntegration } from '../store/integrations.ts'
import { propertiesOf, type RecordType } from '../store/records.ts'
import { asTransaction } from '../store/transaction.ts'
import { type Admission, admit } from './admit.ts'
import { applyCompanies } from './companies.ts'
import { contacts } from './contacts.ts'
import { deals } from './deals.ts'
import { applyRecords, type PortalFacts } from './records.ts'
import { tickets } from './tickets.ts'

/** Notes on the connection how its run ended: when it last agreed, and whether somebody has to connect it again. */
const ended: Target['ended'] = async (raw, run, code) => {
  const tx = asTransaction(raw)
  const at = run.finishedAt ?? run.requestedAt
  const isThrough = run.state === 'COMPLETED' || code === RecordsFailed.code
  const status = code === CREDENTIAL_REJECTED ? 'NEEDS_REAUTH' : isThrough ? 'ACTIVE' : undefined
  await noteIntegration(
    tx,
    run.orgId,
    run.connectionId,
    { ...(isThrough ? { lastSyncAt: at } : {}), ...(status ? { status } : {}) },
    at,
  )
  return (await integrationsOf(tx, run.orgId, [run.connectionId])).map(integrationChanged)
}

/** The code of connectors' error for it: the sync room may not open their catalogue. */
const CREDENTIAL_REJECTED = 'HUB_VENDOR_CREDENTIAL_REJECTED'

/** What can be told of a run without knowing its portal. */
export const plainTarget: Target = {
  current: async (tx, type, ids) => await valuesOf(tx, type, ids),
  apply: () => Promise.reject(new Error('this target only tells of runs')),
  progressed: (run) => [runProgressed(run)],
  ended,
}

const valuesOf = async (raw: object, type: string, ids: readonly string[]) =>
  (await propertiesOf(asTransaction(raw), type as RecordType, ids)) as Map<string, Values>

/** The customers' tables as the engine writes them. */
export const customersTarget = (facts: PortalFacts, admission: Admission): Target => {
  const kinds = { contacts: contacts(facts), deals: deals(facts), tickets: tickets(facts) }
  return {
    ...plainTarget,
    admit: admit(admission),
    apply: (tx, plan, around) =>
      plan.type === 'companies'
        ? applyCompanies(tx, plan, around, facts)
        : applyRecords(tx, plan, around, kinds[plan.type as keyof typeof kinds]),
  }
}

/** Whether a connection may be synced without anybody asking: not while it waits for its credentials, or is paused. */
export const isActive = async (raw: object, orgId: string, connectionId: string): Promise<boolean> => {
  const [row] = await integrationsOf(asTransaction(raw), orgId, [connectionId])
  return row?.status === 'ACTIVE'
}

/** Notes on the connection that the portal refuses its credentials, when that is what it refused. @returns what to tell others */
export const noteRefused = async (
  raw: object,
  orgId: string,
  connectionId: string,
  code: string,
  at: Date,
): Promise<NewEvent[]> => {
  if (code !== CREDENTIAL_REJECTED) return []
  const tx = asTransaction(raw)
  await noteIntegration(tx, orgId, connectionId, { status: 'NEEDS_REAUTH' }, at)
  return (await integrationsOf(tx, orgId, [connectionId])).map(integrationChanged)
}
