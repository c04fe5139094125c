import type { NewEvent } from '#events/outbox.ts'
import { event } from '#schema/events.ts'
import type { Plan } from '#sync/plan.ts'
import type { Applying } from '#sync/target.ts'
import { companyKind } from '../domain/company-kinds.ts'
import { customerOfCompany, ownerIdOf } from '../domain/links.ts'
import { matchDomain, normalName, registrableDomain } from '../domain/names.ts'
import { identityChanged } from '../domain/telling.ts'
import { countOf, instantOf, numberOf, type Said, textOf } from '../domain/values.ts'
import { refreshCustomers } from '../store/golden.ts'
import {
  type AccountRow,
  identitiesOf,
  lockIdentities,
  moveAccounts,
  writeAccounts,
} from '../store/identities.ts'
import { type Affected, insertCustomers, settleIdentities } from '../store/identity-changes.ts'
import {
  type GoneRow,
  keepVersions,
  markGone,
  type RecordPlace,
  type RecordRow,
  writeRecords,
} from '../store/records.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import type { PortalFacts } from './portal-facts.ts'
import { goneMark, redirectMerged, type Says, type Written, writtenOf } from './records.ts'

/** The domain that a company speaks for. */
const domainOf = (facts: PortalFacts, values: Says): string | null =>
  textOf(facts.fields.companies.domain(values))

/**
 * The domain by which accounts are looked for that may be this company's. A supplier has none: whoever shares it is most often a customer
 * of another house, and only a person may say that somebody who buys is somebody we buy from.
 */
const spokenFor = (facts: PortalFacts, values: Says): string | null =>
  kindSaid(facts, values) === 'SUPPLIER' ? null : matchDomain(domainOf(facts, values))

/** What its own words make a company to us. */
const kindSaid = (facts: PortalFacts, values: Says) =>
  companyKind(facts.kinds, {
    type: textOf(facts.fields.companies.companyType(values)),
    lifecyclestage: textOf(facts.fields.companies.lifecycleStage(values)),
  })

/** A HubSpot company as our row. */
export const companyRow = (
  facts: PortalFacts,
  record: Pick<Written, 'id' | 'externalId' | 'values' | 'modifiedAt'>,
  place: RecordPlace,
) => {
  const fields = facts.fields.companies
  const name = nameOf(facts, record.values, record.externalId)
  const domain = domainOf(facts, record.values)
  return {
    id: record.id,
    customer_id: customerOfCompany(place.orgId, record.id),
    external_id: record.externalId,
    properties: record.values,
    source_created_at: instantOf(record.values.createdate),
    modified_at: record.modifiedAt ?? null,
    name,
    normal_name: normalName(name),
    domain: registrableDomain(domain),
    match_domain: spokenFor(facts, record.values),
    industry: textOf(fields.industry(record.values)),
    lifecycle_stage: textOf(fields.lifecycleStage(record.values)),
    owner_id: ownerIdOf(place.orgId, place.integrationId, textOf(fields.owner(record.values))),
    kind: kindSaid(facts, record.values),
  } satisfies RecordRow
}
type Row = ReturnType<typeof companyRow>

const nameOf = (facts: PortalFacts, values: Says, externalId: string): string =>
  textOf(facts.fields.companies.name(values)) ?? `Company ${externalId}`

/**
 * Executes a plan for companies: their rows, the customers they are, and the accounts of other systems that their domains
 * speak for. The number of statements does not depend on the number of records.
 */
export const applyCompanies = async (
  raw: object,
  plan: Plan,
  around: Applying,
  facts: PortalFacts,
): Promise<NewEvent[]> => {
  const tx = asTransaction(raw)
  const place: RecordPlace = { orgId: around.orgId, integrationId: around.connectionId, type: 'companies' }
  // First of all locks: whoever decides who is who takes it before any row.
  await lockIdentities(tx, place.orgId)
  const written = writtenOf(plan)
  const rows = written.map((record) => companyRow(facts, record, place))
  await keepVersions(
    tx,
    place,
    plan.updates.map((each) => each.localId),
    around.at,
  )
  const customers = await writeRecords(tx, place, rows, around.at, facts.versionOf('companies'))
  const gone = await markGone(tx, place, plan.gone.map(goneMark), around.at)
  await redirectMerged(raw, plan, place)
  const told = await settleCompanies(tx, {
    facts,
    plan,
    around,
    place,
    written,
    rows,
    gone,
    customers,
  })
  const customerOf = (row: Row) => customers.get(row.id) ?? row.customer_id
  return [
    ...told,
    ...written.map((record, n) =>
      companyChanged(facts, record.values, {
        id: record.id,
        externalId: record.externalId,
        customerId: customerOf(rows[n]!),
        place,
        observedAt: record.changedHereAt ?? record.modifiedAt ?? around.at,
        changed: record.isNew ? Object.keys(record.values) : Object.keys(record.diff),
        ...(record.isNew ? {} : { changedHere: record.changedHereAt !== undefined }),
        deleted: false,
      }),
    ),
    ...gone.map((row) =>
      companyChanged(facts, row.properties, {
        id: row.id,
        externalId: row.external_id,
        customerId: row.customer_id ?? customerOfCompany(place.orgId, row.id),
        place,
        observedAt: around.at,
        changed: [],
        deleted: true,
      }),
    ),
  ]
}

interface Settling {
  facts: PortalFacts
  plan: Plan
  around: Applying
  place: RecordPlace
  written: readonly Written[]
  rows: readonly Row[]
  gone: readonly GoneRow[]
  customers: ReadonlyMap<string, string>
}

/** Who is who after the companies have been written. @returns events of the customers whose accounts changed */
export const settleCompanies = async (tx: Transaction, step: Settling): Promise<NewEvent[]> => {
  const { plan, around, place, written, rows, gone, customers } = step
  const { orgId } = place
  const customerOf = (row: Row) => customers.get(row.id) ?? row.customer_id
  await writeAccounts(
    tx,
    orgId,
    [
      ...rows.map((row, n) => accountOf(step.facts, row, written[n]!.values, place, customerOf(row))),
      ...gone.map((row) => goneAccount(step.facts, row, place)),
    ],
    around.at,
  )
  const isNew = new Set(written.filter((record) => record.isNew).map((record) => record.id))
  const begun = rows.filter((row) => isNew.has(row.id))
  const inserted = await insertCustomers(
    tx,
    orgId,
    begun.map((row) => ({ ...row, id: customerOf(row), lead_company_id: row.id })),
    around.at,
  )
  const restored = new Set(plan.updates.filter((each) => each.restored).map((each) => each.localId))
  const affected: Affected[] = [
    ...rows
      .filter((row) => restored.has(row.id) || (isNew.has(row.id) && !inserted.has(customerOf(row))))
      .map((row) => ({ id: customerOf(row), into: null })),
    ...gone.flatMap((row) => (row.customer_id ? [{ id: row.customer_id, into: null }] : [])),
    ...(await mergeCustomers(tx, step)),
  ]
  const states = await settleIdentities(tx, orgId, affected, around.at)
  const settled = new Set(states.map((state) => state.customerId))
  const alone = begun.filter((row) => inserted.has(customerOf(row)) && !settled.has(customerOf(row)))
  await refreshCustomers(
    tx,
    orgId,
    rows
      .filter((row) => !isNew.has(row.id))
      .map(customerOf)
      .filter((id) => !settled.has(id)),
    around.at,
    alone.map(customerOf),
  )
  const first = alone.map((row) => ({
    customerId: customerOf(row),
    identityVersion: 1,
    mergedInto: null,
    accounts: [{ system: 'HUBSPOT' as const, accountId: row.id, integrationId: place.integrationId }],
  }))
  return [...first, ...states].map(identityChanged)
}

const accountOf = (
  facts: PortalFacts,
  row: Row,
  values: Says,
  place: RecordPlace,
  customerId: string,
): AccountRow => ({
  system: 'HUBSPOT',
  account_id: row.id,
  external_id: row.external_id,
  integration_id: place.integrationId,
  customer_id: customerId,
  own_customer_id: row.customer_id,
  name: row.name,
  normal_name: row.normal_name,
  domain: row.domain,
  match_domain: row.match_domain,
  ban: textOf(facts.fields.companies.warpBan(values)),
  place: textOf(facts.fields.companies.city(values)),
  country: textOf(facts.fields.companies.country(values)),
  is_supplier: row.kind === 'SUPPLIER',
  observed_at: null,
  gone: false,
})

const goneAccount = (facts: PortalFacts, row: GoneRow, place: RecordPlace): AccountRow => {
  const name = nameOf(facts, row.properties, row.external_id)
  const own = customerOfCompany(place.orgId, row.id)
  return {
    system: 'HUBSPOT',
    account_id: row.id,
    external_id: row.external_id,
    integration_id: place.integrationId,
    customer_id: row.customer_id ?? own,
    own_customer_id: own,
    name,
    normal_name: normalName(name),
    domain: registrableDomain(domainOf(facts, row.properties)),
    match_domain: row.match_domain,
    observed_at: null,
    gone: true,
  }
}

/** Companies that HubSpot merged: the accounts that were with the one go to the customer of the other. */
const mergeCustomers = async (tx: Transaction, step: Settling): Promise<Affected[]> => {
  const { plan, gone, customers, place } = step
  const survivorOf = new Map(plan.gone.map((each) => [each.localId, each.survivorLocalId]))
  const merges = gone.flatMap((row) => {
    const survivor = survivorOf.get(row.id)
    const into = survivor === undefined ? undefined : customers.get(survivor)
    return row.customer_id && into && into !== row.customer_id ? [{ id: row.customer_id, into }] : []
  })
  if (merges.length === 0) return []
  const accounts = await identitiesOf(
    tx,
    place.orgId,
    merges.map(({ id }) => id),
  )
  await moveAccounts(
    tx,
    place.orgId,
    merges.flatMap(({ id, into }) =>
      (accounts.get(id) ?? [])
        .filter(({ system }) => system !== 'HUBSPOT')
        .map(({ system, account_id, linked_by }) => ({ system, account_id, customer_id: into, linked_by })),
    ),
  )
  return merges.flatMap(({ id, into }) => [
    { id: into, into: null },
    { id, into },
  ])
}

/** Tells others what a company's record says. */
export const companyChanged = (
  facts: PortalFacts,
  values: Says,
  around: {
    id: string
    externalId: string
    customerId: string
    place: RecordPlace
    observedAt: Date
    changed: string[]
    changedHere?: boolean
    deleted: boolean
  },
): NewEvent => {
  const fields = facts.fields.companies
  const money = (said: Said) => {
    const amount = numberOf(said)
    return amount === null ? null : { amount, currency: facts.currency }
  }
  const lastActivity = instantOf(fields.lastActivityAt(values))
  const { place } = around
  return event('customers.company.changed', around.id, {
    customerId: around.customerId,
    integrationId: place.integrationId,
    companyId: around.id,
    name: nameOf(facts, values, around.externalId),
    domain: registrableDomain(domainOf(facts, values)),
    industry: textOf(fields.industry(values)),
    lifecycleStage: textOf(fields.lifecycleStage(values)),
    ownerId: ownerIdOf(place.orgId, place.integrationId, textOf(fields.owner(values))),
    annualRevenue: money(fields.annualRevenue(values)),
    creditLimit: money(fields.warpCreditLimit(values)),
    ban: textOf(fields.warpBan(values)),
    country: textOf(fields.country(values)),
    employees: countOf(fields.employees(values)),
    kind: kindSaid(facts, values),
    lastActivityAt: lastActivity?.toISOString() ?? null,
    observedAt: around.observedAt.toISOString(),
    changed: around.changed,
    ...(around.changedHere === undefined ? {} : { changedHere: around.changedHere }),
    deleted: around.deleted,
  })
}
