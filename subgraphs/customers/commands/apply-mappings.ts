import { type NewEvent, publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { startRun } from '#sync/queue.ts'
import type { Context } from '../context.ts'
import { auditedFields, changeMappings, type FieldChange } from '../domain/changing-mappings.ts'
import { MAPPED_TYPES, type MappedType } from '../domain/hub-fields.ts'
import type { Overrides } from '../domain/mapping.ts'
import type { MappingProblem } from '../domain/mapping-problems.ts'
import { planReading, type ReadingPlan } from '../domain/reading.ts'
import { runProgressed } from '../domain/telling.ts'
import { mappingChanged } from '../domain/telling-mappings.ts'
import { catalogOf, known, markRead, type PortalPropertyRow } from '../store/catalog.ts'
import { type IntegrationRow, integrationsOf, noteIntegration } from '../store/integrations.ts'
import { lockMappings, type MappingsRow, mappingIn, mappingsOf, writeMappings } from '../store/mappings.ts'
import { askRederivation } from '../store/rederivations.ts'
import type { Transaction } from '../store/transaction.ts'
import { standstillOf } from './standstill.ts'

/** A portal's mappings and properties, as a change of them needs them. */
export interface HeldMappings {
  integration: IntegrationRow
  rows: readonly MappingsRow[]
  catalog: ReadonlyMap<string, readonly PortalPropertyRow[]>
}

/** What a change would make of one kind of record. */
export interface PlannedMapping {
  type: MappedType
  held: MappingsRow
  overrides: Overrides
  fields: readonly string[]
  problems: readonly MappingProblem[]
  reading: ReadingPlan
}

/** Why no mapping of a portal can be changed: there is no such connection, or its properties were never read. */
export type UnchangeableMappings = { missing: string } | { unread: true }

/** What is held of a portal. @param lockAt now: until the transaction ends nobody else changes it, and no record is written by it */
export const heldMappings = async (
  tx: Transaction,
  orgId: string,
  integrationId: string,
  lockAt?: Date,
): Promise<HeldMappings | undefined> => {
  const [integration] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
  if (!integration) return undefined
  const place = { orgId, integrationId }
  const rows = lockAt
    ? await lockMappings(tx, place, MAPPED_TYPES, lockAt)
    : await mappingsOf(tx, orgId, [integrationId])
  return { integration, rows, catalog: await catalogOf(tx, place) }
}

/** What is held of a portal whose mappings are to be changed: until the transaction ends nobody else does so. */
export const lockedMappings = async (
  tx: Transaction,
  { orgId, clock }: Pick<Context, 'orgId' | 'clock'>,
  integrationId: string,
): Promise<HeldMappings | UnchangeableMappings> => {
  const held = await heldMappings(tx, orgId, integrationId, clock.now())
  if (!held) return { missing: 'The HubSpot connection' }
  return held.catalog.size === 0 ? { unread: true } : held
}

/** Plans a change of one kind of record's mapping: nothing is written. Only what concerns the fields changed is a problem of it. */
export const planMapping = (
  held: HeldMappings,
  type: MappedType,
  changes: readonly FieldChange[],
  at: Date,
): PlannedMapping => {
  const row = mappingIn(held.rows, held.integration.id, type)
  const { overrides, fields, problems } = changeMappings(type, row.fields, changes)
  const rows = held.catalog.get(type) ?? []
  const wasRead = new Set(rows.filter((each) => each.is_read).map(({ name }) => name))
  const reading = planReading(type, overrides, known(rows), { wasRead, paused: row.paused }, at)
  const found = reading.judged.filter(({ field }) => fields.includes(field)).flatMap((each) => each.problems)
  return { type, held: row, overrides, fields, problems: [...problems, ...found], reading }
}

/** Writes planned changes, notes who made them, and tells them. Without plans it does nothing. */
export const applyPlans = async (
  tx: Transaction,
  ctx: Pick<Context, 'orgId' | 'principal' | 'clock'>,
  action: string,
  held: HeldMappings,
  plans: readonly PlannedMapping[],
): Promise<void> => {
  if (plans.length === 0) return
  const { orgId, principal, clock } = ctx
  const at = clock.now()
  const events = await writePlans(tx, ctx, held, plans)
  const audited = (overridesOf: (plan: PlannedMapping) => Overrides) =>
    Object.assign({}, ...plans.map((plan) => auditedFields(plan.type, overridesOf(plan), plan.fields)))
  await audit(tx, {
    orgId,
    principal,
    action,
    subject: { type: 'HubSpotIntegration', id: held.integration.id },
    before: audited((plan) => plan.held.fields),
    after: audited((plan) => plan.overrides),
    at,
  })
  await publish(tx, orgId, events, at)
}

/**
 * Writes planned changes: the mappings, what is read from now on, and the request that stored records follow. When a
 * property is wanted that was never read, a run is asked for that lists its records again.
 * @returns what to tell others
 */
const writePlans = async (
  tx: Transaction,
  ctx: Pick<Context, 'orgId' | 'principal' | 'clock'>,
  held: HeldMappings,
  plans: readonly PlannedMapping[],
): Promise<NewEvent[]> => {
  const { orgId, principal, clock } = ctx
  const at = clock.now()
  const { integration } = held
  const place = { orgId, integrationId: integration.id }
  await writeMappings(
    tx,
    place,
    plans.map(({ type, held: row, overrides, reading }) => ({
      type,
      version: row.version + 1,
      fields: overrides,
      paused: reading.paused,
      relist: reading.readsAgain,
      updated_by: principal.id,
    })),
    at,
  )
  const properties = { ...integration.properties }
  for (const { type, fields, held: row, reading } of plans) {
    await markRead(tx, place, type, reading.read)
    properties[type] = reading.read
    await askRederivation(tx, place, { type, version: row.version + 1, fields }, at)
  }
  await noteIntegration(tx, orgId, integration.id, { properties }, at)
  const events: NewEvent[] = plans.map(({ type, held: row, fields, reading }) =>
    mappingChanged(integration.id, type, row.version + 1, { ...reading, changed: fields }, at),
  )
  // A connection that stands still lists them again when it goes on.
  if (!plans.some(({ reading }) => reading.readsAgain) || (await standstillOf(tx, integration))) return events
  const ask = { orgId, connectionId: integration.id, mode: 'INCREMENTAL' as const, clock }
  const { run, isNew } = await startRun(tx, ask)
  return isNew ? [...events, runProgressed(run)] : events
}
