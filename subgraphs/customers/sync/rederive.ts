import { type NewEvent, publish } from '#events/outbox.ts'
import { emptyPlan } from '#sync/plan.ts'
import { customerOfCompany } from '../domain/links.ts'
import { companiesByRecord } from '../store/edges.ts'
import { lockIdentities } from '../store/identities.ts'
import {
  type DerivedRow,
  derivedAfter,
  differingColumns,
  type RecordPlace,
  type RecordRow,
  reviseRecords,
} from '../store/records.ts'
import { noteRederivation, takeRederivation } from '../store/rederivations.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { companyChanged, companyRow, settleCompanies } from './companies.ts'
import { kindsOf } from './kinds.ts'
import { knownFacts } from './known-facts.ts'
import type { PortalFacts } from './portal-facts.ts'
import { belongingTo, type Kind, rowOf, standingOf, tellingOf } from './records.ts'

/** Fields that others are told of and that have no column: whether a record's value changed cannot be seen by its row. */
const TOLD_ONLY: Readonly<Record<string, readonly string[]>> = {
  companies: ['annualRevenue', 'warpCreditLimit', 'lastActivityAt'],
  contacts: ['lastActivityAt'],
}

/** A record whose fields are others by the new mapping. */
interface Moved {
  held: DerivedRow
  row: RecordRow & { valid_from: Date }
  differs: boolean
}

/**
 * Makes the next records of an organisation follow a change of their mapping, from what the portal had told: in the caller's
 * transaction, with as many statements for a thousand records as for one. Whoever goes on after a break goes on behind the
 * last record that was committed.
 * @returns how many records were looked at; undefined when there are none left to look at
 */
export const rederiveSome = async (
  raw: object,
  orgId: string,
  at: Date,
  limit: number,
): Promise<number | undefined> => {
  const tx = asTransaction(raw)
  const work = await takeRederivation(tx, orgId)
  if (!work) return undefined
  const { type, integration_id: integrationId } = work
  const place: RecordPlace = { orgId, integrationId, type }
  // Before any row, as everybody does who decides who is who.
  if (type === 'companies') await lockIdentities(tx, orgId)
  const facts = await knownFacts(tx, place)
  const held = await derivedAfter(tx, place, work.after_id, limit)
  const toldAnyway = work.fields.some((field) => TOLD_ONLY[type]?.includes(field))
  const kind = type === 'companies' ? undefined : kindsOf(facts)[type]
  const moved = held
    .map((each): Moved => {
      const record = standingOf(each)
      const row = kind ? rowOf(kind, record, place, each.valid_from) : companyRow(facts, record, place)
      return {
        held: each,
        row: { ...row, valid_from: each.valid_from },
        differs: differingColumns(type, each, row).length > 0,
      }
    })
    .filter(({ differs }) => differs || toldAnyway)
  const revised = await reviseRecords(
    tx,
    place,
    moved.filter(({ differs }) => differs).map(({ row }) => row),
  )
  const done = moved.filter(({ row, differs }) => !differs || revised.has(row.id))
  const events = kind
    ? await tellChildren(tx, place, kind, done, at)
    : await settleAndTell(tx, place, facts, done, at)
  await publish(tx, orgId, events, at)
  const isLast = held.length < limit
  const step = { next: isLast ? undefined : held.at(-1)?.id, done: held.length, changed: done.length }
  await noteRederivation(tx, { orgId, integrationId }, type, step, at)
  return held.length
}

const tellChildren = async (
  tx: Transaction,
  place: RecordPlace,
  kind: Kind,
  moved: readonly Moved[],
  at: Date,
): Promise<NewEvent[]> => {
  const named = moved.flatMap(({ held }) => held.company_external_id ?? [])
  const companies = await companiesByRecord(tx, place, [...new Set(named)])
  return moved.flatMap(({ held }) => {
    const company = held.company_external_id
    const found = company === null ? undefined : companies.get(company)
    return kind.tell(tellingOf(standingOf(held), belongingTo(place, company, found), at))
  })
}

const settleAndTell = async (
  tx: Transaction,
  place: RecordPlace,
  facts: PortalFacts,
  moved: readonly Moved[],
  at: Date,
): Promise<NewEvent[]> => {
  if (moved.length === 0) return []
  const { orgId, integrationId } = place
  const customerOf = ({ held }: Moved): string => held.customer_id ?? customerOfCompany(orgId, held.id)
  const differing = moved.filter(({ differs }) => differs)
  const settled = await settleCompanies(tx, {
    facts,
    plan: emptyPlan('companies'),
    around: { orgId, connectionId: integrationId, runId: '', at },
    place,
    written: differing.map(({ held }) => standingOf(held)),
    rows: differing.map(({ held }) => companyRow(facts, standingOf(held), place)),
    gone: [],
    customers: new Map(differing.map((each) => [each.held.id, customerOf(each)])),
  })
  return [
    ...settled,
    ...moved.map((each) =>
      companyChanged(facts, each.held.properties, {
        id: each.held.id,
        externalId: each.held.external_id,
        customerId: customerOf(each),
        place,
        observedAt: each.held.modified_at ?? at,
        changed: [],
        deleted: false,
      }),
    ),
  ]
}
