import type { NewEvent } from '#events/outbox.ts'
import { isPlaceholder } from '#sync/links.ts'
import type { Gone, Plan, Update } from '#sync/plan.ts'
import { localIdOf } from '#sync/step.ts'
import type { Applying } from '#sync/target.ts'
import type { FieldValue, Values } from '#sync/values.ts'
import { type ChildType, linksOf } from '../domain/kinds.ts'
import { customerOfCompany, fieldToLinks, linkField, mainLink } from '../domain/links.ts'
import { instantOf, type Said } from '../domain/values.ts'
import { companiesByRecord, redirectEdges, replaceEdges } from '../store/edges.ts'
import {
  type GoneRow,
  keepVersions,
  markGone,
  type RecordPlace,
  type RecordRow,
  writeRecords,
} from '../store/records.ts'
import { asTransaction } from '../store/transaction.ts'

/** What a record says, as the portal named and wrote it. */
export type Says = Readonly<Record<string, unknown>>

/** What a record says in a field. */
export const said = (values: Says, field: string): Said => values[field] as Said

/** A record that was written, with what it says now and, when it was known, what changed. */
export interface Written {
  id: string
  externalId: string
  values: Values
  modifiedAt: Date | undefined
  isNew: boolean
  diff: Readonly<Record<string, { from: FieldValue; to: FieldValue }>>
  /** When it was changed here; left out when its portal changed it. */
  changedHereAt?: Date | undefined
}

/** The company a record is mainly about, also when it has yet to arrive; null when the record names none. */
export interface Belonging {
  companyId: string | null
  customerId: string | null
}

/** A record that was written or went, with all that may be told of it. */
export interface Telling extends Belonging {
  id: string
  values: Says
  /** What changed of a known record; empty when it is new, gone, or told again as it stands. */
  diff: Written['diff']
  isNew: boolean
  createdAt: Date
  /** When the source says that it changed; by our clock when it does not say, or when it was changed here. */
  observedAt: Date
  deleted: boolean
}

/** How a kind of record becomes rows and events. What every kind has in common is done for it. */
export interface Kind {
  type: ChildType
  /** The version of the mapping that its columns are read by; left out for kinds that nobody can map. */
  mappedBy?: number
  /** The columns of its own. */
  columns(
    values: Says,
    record: { externalId: string; createdAt: Date; modifiedAt: Date; place: RecordPlace },
  ): Record<string, unknown>
  tell(told: Telling): NewEvent[]
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
    changedHereAt: each.changedHereAt,
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

/** The row of a record: what every kind has, and what this one has of its own. */
export const rowOf = (kind: Kind, record: Written, place: RecordPlace, at: Date): RecordRow => ({
  id: record.id,
  external_id: record.externalId,
  properties: record.values,
  source_created_at: createdAt(record.values),
  modified_at: record.modifiedAt ?? null,
  company_external_id: firstLink(record.values, 'companies'),
  ...kind.columns(record.values, {
    externalId: record.externalId,
    createdAt: createdAt(record.values),
    modifiedAt: record.modifiedAt ?? at,
    place,
  }),
})

const createdAt = (values: Says): Date =>
  instantOf(said(values, 'createdate') ?? said(values, 'hs_createdate')) ?? new Date(0)

/** The record of a type that a record is mainly about. */
const firstLink = (values: Says, type: string): string | null =>
  mainLink(fieldToLinks(values[linkField(type)]))

/** The columns that say what a task or a note is about. */
export const aboutColumns = (values: Says) => ({
  contact_external_id: firstLink(values, 'contacts'),
  deal_external_id: firstLink(values, 'deals'),
  ticket_external_id: firstLink(values, 'tickets'),
})

/** Executes a plan for any kind but companies: at most nine statements, however many records. */
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
  const rows = written.map((record) => rowOf(kind, record, place, around.at))
  await writeRecords(tx, place, rows, around.at, kind.mappedBy)
  await writeEdges(raw, plan, place, written, linksOf(kind.type))
  const gone = await markGone(tx, place, plan.gone.map(goneMark), around.at)
  await redirectMerged(raw, plan, place)
  const mains = rows.map(({ company_external_id: main }) => (typeof main === 'string' ? main : null))
  const named = [...mains, ...gone.map((record) => record.company_external_id)].flatMap((main) => main ?? [])
  const companies = await companiesByRecord(tx, place, [...new Set(named)])
  const belonging = (company: string | null): Belonging =>
    belongingTo(place, company, company === null ? undefined : companies.get(company))
  // A record that only got its id has nothing new to say.
  const renamed = new Set(plan.updates.filter(isOnlyNamed).map(({ localId }) => localId))
  return [
    ...written.flatMap((record, n) =>
      renamed.has(record.id) ? [] : kind.tell(tellingOf(record, belonging(mains[n] ?? null), around.at)),
    ),
    ...gone.flatMap((record) =>
      kind.tell({
        ...tellingOf(standingOf(record), belonging(record.company_external_id), around.at),
        observedAt: around.at,
        deleted: true,
      }),
    ),
  ]
}

const isOnlyNamed = ({ formerId, diff }: Update): boolean =>
  formerId !== undefined && isPlaceholder(formerId) && Object.keys(diff).length === 0

/** What may be told of a record. */
export const tellingOf = (record: Written, belongs: Belonging, at: Date): Telling => ({
  ...belongs,
  id: record.id,
  values: record.values,
  diff: record.diff,
  isNew: record.isNew,
  createdAt: createdAt(record.values),
  observedAt: record.changedHereAt ?? record.modifiedAt ?? at,
  deleted: false,
})

/** A record as it stands here, without any change to tell. */
export const standingOf = (
  row: Pick<GoneRow, 'id' | 'external_id' | 'properties' | 'modified_at'>,
): Written => ({
  id: row.id,
  externalId: row.external_id,
  values: row.properties as Values,
  modifiedAt: row.modified_at ?? undefined,
  isNew: false,
  diff: {},
})

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
