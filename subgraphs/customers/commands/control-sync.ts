import type { Telling, Vendor } from '#control/vendor.ts'
import { verbsOf } from '#control/verbs.ts'
import type { Values } from '#sync/values.ts'
import type { Context } from '../context.ts'
import { chosenValue } from '../domain/choosing-values.ts'
import { RECORD_TYPES, type RecordType } from '../domain/kinds.ts'
import { OWN_OBJECT_TYPES } from '../domain/own-objects.ts'
import { moneyFields, tableOf } from '../domain/policy.ts'
import { runProgressed } from '../domain/telling.ts'
import { conflictTold } from '../domain/telling-conflicts.ts'
import { TIMELINE_TYPE } from '../domain/timeline.ts'
import { catalogsOf } from '../store/catalog.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { mappingsOf, overridesOf } from '../store/mappings.ts'
import { policiesOf } from '../store/policies.ts'
import { propertiesOf } from '../store/records.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { standstillOf } from './standstill.ts'
import { writeTimelineAgain } from './write-timeline-again.ts'

/** How what people tell the engine of HubSpot is told on. */
export const telling: Telling = {
  actions: {
    startSync: 'startHubSpotSync',
    planSync: 'planSync',
    undoRun: 'undoRun',
    approvePlan: 'approvePlan',
    approveRun: 'approveRun',
    cancelSync: 'cancelSync',
    replayDeadLetters: 'replayDeadLetters',
    dismissDeadLetter: 'dismissDeadLetter',
    resolveConflict: 'resolveConflict',
    savePolicy: 'savePolicy',
    importPolicy: 'importPolicy',
  },
  progressed: runProgressed,
}

/** Which fields of each connection are settled together. */
const partners = async (tx: Transaction, orgId: string, ids: readonly string[]) => {
  const mappings = await mappingsOf(tx, orgId, ids)
  const policies = await policiesOf(tx, orgId, ids)
  const tables = [...policies.values()].map((policy) =>
    tableOf(
      policy,
      moneyFields(overridesOf(mappings.filter((row) => row.integration_id === policy.integrationId))),
    ),
  )
  return (type: string, field: string) => [...new Set(tables.flatMap((table) => table.together(type, field)))]
}

const hubSpot: Vendor<Context, IntegrationRow> = {
  ...telling,
  types: [...RECORD_TYPES, ...OWN_OBJECT_TYPES],
  connections: (tx, orgId) => integrationsOf(asTransaction(tx), orgId),
  standstill: (tx, row) => standstillOf(asTransaction(tx), row),
  conflict: 'Conflict',
  contested: conflictTold,
  partners: (tx, orgId, ids) => partners(asTransaction(tx), orgId, ids),
  checked: async (tx, orgId, { connectionId, type, field }, said) => {
    const catalogs = await catalogsOf(asTransaction(tx), orgId, [connectionId])
    const property = catalogs
      .get(connectionId)
      ?.get(type)
      ?.find(({ name }) => name === field)
    return chosenValue(field, said, property)
  },
  held: async (tx, type, ids) =>
    (await propertiesOf(asTransaction(tx), type as RecordType, ids)) as Map<string, Values>,
  change: ({ orgId, changeRecords }, tx, { connectionId, type }, changes, at) =>
    changeRecords(
      asTransaction(tx),
      { orgId, integrationId: connectionId, type: type as RecordType },
      changes,
      at,
    ),
  apart: { type: TIMELINE_TYPE, again: writeTimelineAgain },
}

/** What people tell the engine of HubSpot. */
export const {
  startSync,
  planSync,
  undoRun,
  approvePlan,
  approveRun,
  cancelSync,
  replayDeadLetters,
  dismissDeadLetter,
  resolveConflict,
  resolveConflicts,
} = verbsOf(hubSpot)
