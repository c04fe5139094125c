import type { NewEvent } from '#events/outbox.ts'
import type { Gone, Plan } from '#sync/plan.ts'
import { localIdOf } from '#sync/step.ts'
import type { Applying } from '#sync/target.ts'
import type { FieldValue, Values } from '#sync/values.ts'
import { customerOfCompany, fieldToLinks, linkField } from '../domain/links.ts'
import type { Mapped } from '../domain/mapping.ts'
import type { Stages } from '../domain/stages.ts'
import { companiesByRecord, redirectEdges, replaceEdges } from '../store/edges.ts'
import {
  type GoneRow,
  keepVersions,
  markGone,
  type RecordPlace,
  type RecordRow,
  type RecordType,
  writeRecords,
} from '../store/records.ts'
import { asTransaction } from '../store/transaction.ts'

/** What is known of the portal around its records. */
export interface PortalFacts {
  /** Currency of amounts that name none. */
  currency: string
  stages: Record<'deals' | 'tickets', Stages>
  /** Reads the hub's fields out of what the portal says. */
  fields: Mapped
}

/** A record that was written, with what it says now and, when it was known, what changed. */
export interface Written {
  id: string
  externalId: string
  values: Values
  modifiedAt: Date | undefined
  isNew: boolean
  diff: Readonly<Record<string, { from: FieldValue; to: FieldValue }>>
}

/** The company a record is mainly about, also when it has yet to arrive; null when the record names none. */
export interface Belonging {
  companyId: string | null
  customerId: string | null
}

/** How a kind of record becomes rows and events. */
export interface Kind {
  type: Exclude<RecordType, 'companies'>
  /** Types its records link to. */
  links: readonly string[]
  row(record: Pick<Written, 'id' | 'externalId' | 'values' | 'modifiedAt'>, place: RecordPlace): RecordRow
  changed(record: Written, belongs: Belonging, at: Date): NewEvent
  gone(record: GoneRow, belongs: Belonging, at: Date): NewEvent
}

export const writtenOf = (plan: Plan): Written[] => [
  ...plan.creates.map((each) => ({
    id: each.localId,
    externalId: each.externalId,
    values: each.values,
    modifiedAt: each.modifiedAt,
    isNew: true,
    diff: {},
  })),
  ...plan.updates.map((each) => ({
    id: each.localId,
    externalId: each.externalId,
    values: each.values,
    modifiedAt: each.modifiedAt,
    isNew: false,
    diff: each.diff,
  })),
]

/**
 * Whose a record is. Types are read side by side: a company that has yet to arrive will come under a known id, and begin a
 * known customer.
 * @param company the portal's id of the record's main company
 * @param found that company, when it is here
 */
export const belongingTo = (
  { orgId, integrationId }: Pick<RecordPlace, 'orgId' | 'integrationId'>,
  company: string | null,
  found: { id: string; customerId: string } | undefined,
): Belonging => {
  if (company === null) return { companyId: null, customerId: null }
  const companyId = found?.id ?? localIdOf(orgId, integrationId, 'companies', company)
  return { companyId, customerId: found?.customerId ?? customerOfCompany(orgId, companyId) }
}

/** Executes a plan for contacts, deals or tickets: at most nine statements, however many records. */
export const applyRecords = async (
  raw: object,
  plan: Plan,
  around: Applying,
  kind: Kind,
): Promise<NewEvent[]> => {
  const tx = asTransaction(raw)
  const place = { orgId: around.orgId, integrationId: around.connectionId, type: kind.type }
  const written = writtenOf(plan)
  await keepVersions(
    tx,
    place,
    plan.updates.map((each) => each.localId),
    around.at,
  )
  const rows = written.map((record) => kind.row(record, place))
  await writeRecords(tx, place, rows, around.at)
  await writeEdges(raw, plan, place, written, kind.links)
  const gone = await markGone(tx, place, plan.gone.map(goneMark), around.at)
  await redirectMerged(raw, plan, place)
  const mains = rows.map(({ company_external_id: main }) => (typeof main === 'string' ? main : null))
  const named = [...mains, ...gone.map((record) => record.company_external_id)].flatMap((main) => main ?? [])
  const companies = await companiesByRecord(tx, place, [...new Set(named)])
  const belonging = (company: string | null): Belonging =>
    belongingTo(place, company, company === null ? undefined : companies.get(company))
  return [
    ...written.map((record, n) => kind.changed(record, belonging(mains[n] ?? null), around.at)),
    ...gone.map((record) => kind.gone(record, belonging(record.company_external_id), around.at)),
  ]
}

export const goneMark = (gone: Gone) => ({ id: gone.localId, mergedInto: gone.survivorLocalId ?? null })

/** Links of new records are only added; of known ones, those that changed are made what they are now. */
const writeEdges = async (
  raw: object,
  plan: Plan,
  place: RecordPlace,
  written: readonly Written[],
  types: readonly string[],
): Promise<void> => {
  const tx = asTransaction(raw)
  const setsOf = (record: Written, type: string) => ({
    from: record.externalId,
    toType: type,
    links: fieldToLinks(record.values[linkField(type)]),
  })
  const moved = new Set(plan.updates.filter((each) => each.formerId).map((each) => each.localId))
  const added = written.filter((record) => record.isNew)
  const changed = written.filter((record) => !record.isNew)
  await replaceEdges(
    tx,
    place,
    added.flatMap((record) => types.map((type) => setsOf(record, type))),
    true,
  )
  await replaceEdges(
    tx,
    place,
    changed.flatMap((record) =>
      types
        .filter((type) => linkField(type) in record.diff || moved.has(record.id))
        .map((type) => setsOf(record, type)),
    ),
    false,
  )
}

/** Records that were merged away take their links with them. */
export const redirectMerged = (raw: object, plan: Plan, place: RecordPlace): Promise<void> =>
  redirectEdges(asTransaction(raw), place, [
    ...plan.gone.flatMap(({ externalId, survivorId }) =>
      survivorId ? [{ from: externalId, to: survivorId }] : [],
    ),
    ...plan.updates.flatMap(({ formerId, externalId }) =>
      formerId ? [{ from: formerId, to: externalId }] : [],
    ),
  ])
