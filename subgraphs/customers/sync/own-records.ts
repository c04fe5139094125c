import type { HubSpot } from '#connectors/hubspot/index.ts'
import type { NewEvent } from '#events/outbox.ts'
import { isPlaceholder } from '#sync/links.ts'
import type { Outgoing } from '#sync/outgoing.ts'
import type { Plan } from '#sync/plan.ts'
import type { Applying } from '#sync/target.ts'
import type { Values } from '#sync/values.ts'
import { fieldToLinks, isLinkField, linkField, linksToField } from '../domain/links.ts'
import type { OwnedType, OwnObjectType } from '../domain/own-objects.ts'
import {
  markOwnGone,
  type OwnRecordRow,
  ownRecordsOf,
  ownRecordsWaitingFor,
  writeOwnRecords,
} from '../store/own-records.ts'
import { asTransaction } from '../store/transaction.ts'

/** What records of our own kinds say, by our id. */
export const currentOwn = async (raw: object, ids: readonly string[]): Promise<ReadonlyMap<string, Values>> =>
  (await ownRecordsOf(asTransaction(raw), ids)) as Map<string, Values>

/**
 * Executes a plan for a kind of our own: two statements, however many records. Nobody is told: who knows of trunks and numbers is
 * another subgraph, and what is here is only what a portal is to have of them.
 */
export const applyOwn = async (
  raw: object,
  plan: Plan,
  { orgId, connectionId, at }: Applying,
): Promise<NewEvent[]> => {
  const tx = asTransaction(raw)
  const place = { orgId, integrationId: connectionId }
  const rows = [...plan.creates, ...plan.updates].map(({ localId, externalId, values }) => ({
    ...{ id: localId, external_id: externalId, properties: values, waits_for: waitsFor(values) },
  }))
  await writeOwnRecords(tx, place, plan.type as OwnObjectType, rows, at)
  await markOwnGone(
    tx,
    place,
    plan.gone.map(({ localId }) => localId),
    at,
  )
  return []
}

const waitsFor = (values: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(values).flatMap(([field, value]) =>
    isLinkField(field)
      ? fieldToLinks(value)
          .map(({ id }) => id)
          .filter(isPlaceholder)
      : [],
  )

/**
 * Lets records of our own kinds that name others by their placeholders name them by the ids that the portal has given them.
 * @returns the records that did: they can be written now
 */
export const nameInOwn = async (
  raw: object,
  type: OwnedType,
  names: ReadonlyMap<string, string>,
  { orgId, connectionId, at }: Applying,
): Promise<Outgoing[]> => {
  const tx = asTransaction(raw)
  const place = { orgId, integrationId: connectionId }
  const waiting = await ownRecordsWaitingFor(tx, place, [...names.keys()])
  const field = linkField(type)
  const renamed = waiting.map((row) => ({ ...row, ...renamedIn(row, field, names) }))
  for (const [kind, rows] of Map.groupBy(renamed, (row) => row.type))
    await writeOwnRecords(tx, place, kind, rows, at)
  return renamed.map(({ type: kind, id }) => ({ type: kind, localId: id }))
}

const renamedIn = (
  { properties }: OwnRecordRow,
  field: string,
  names: ReadonlyMap<string, string>,
): Pick<OwnRecordRow, 'properties' | 'waits_for'> => {
  const links = fieldToLinks(properties[field]).map((link) => ({
    ...link,
    id: names.get(link.id) ?? link.id,
  }))
  const named = {
    ...properties,
    [field]: linksToField(links),
    // A record says whose it is in a property too.
    ...(field === linkField('companies') ? { company_id: links[0]?.id ?? null } : {}),
  }
  return { properties: named, waits_for: waitsFor(named) }
}

/** A portal whose kinds go by the hub's words for them: of our own kinds, the portal's paths know only numbers. */
export const withOwnTypes = (hubspot: HubSpot, objects: ReadonlyMap<OwnObjectType, string>): HubSpot => {
  const path = (type: string) => objects.get(type as OwnObjectType) ?? type
  return {
    ...hubspot,
    readBatch: (type, ...rest) => hubspot.readBatch(path(type), ...rest),
    updateBatch: (type, rows) => hubspot.updateBatch(path(type), rows),
    upsertBatch: (type, key, rows) => hubspot.upsertBatch(path(type), key, rows),
    archiveBatch: (type, ids) => hubspot.archiveBatch(path(type), ids),
    link: (from, to, pairs) => hubspot.link(path(from), path(to), pairs),
    unlink: (from, to, pairs) => hubspot.unlink(path(from), path(to), pairs),
    associations: (from, to, ids) => hubspot.associations(path(from), path(to), ids),
  }
}
