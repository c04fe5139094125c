import { event } from '#schema/events.ts'
import { fieldToLinks, linkField, mainLink, ownerIdOf } from '../domain/links.ts'
import { dealStanding } from '../domain/stages.ts'
import { currencyOf, instantOf, numberOf, type Said, textOf } from '../domain/values.ts'
import type { Belonging, Kind, PortalFacts } from './records.ts'

type Says = Readonly<Record<string, unknown>>
const said = (values: Says, field: string): Said => values[field] as Said

/** HubSpot demands both, so a deal without them is one we read half. */
const UNKNOWN = 'unknown'

const standing = (facts: PortalFacts, values: Says) => {
  const pipeline = textOf(said(values, 'pipeline')) ?? UNKNOWN
  const stage = textOf(said(values, 'dealstage')) ?? UNKNOWN
  const flags = { closed: values.hs_is_closed === 'true', won: values.hs_is_closed_won === 'true' }
  return { pipeline, stage, ...dealStanding(facts.stages.deals, pipeline, stage, flags) }
}

const told = (
  facts: PortalFacts,
  id: string,
  values: Says,
  around: Belonging & { previousStage: string | null; observedAt: Date; deleted: boolean; createdAt: Date },
) => {
  const { pipeline, stage, isOpen, isWon } = standing(facts, values)
  const amount = numberOf(facts.fields.deals.amount(values))
  const currency = currencyOf(facts.fields.deals.currency(values)) ?? facts.currency
  return event('customers.deal.changed', id, {
    dealId: id,
    customerId: around.customerId,
    companyId: around.companyId,
    pipeline,
    stage,
    previousStage: around.previousStage,
    amount: amount === null ? null : { amount, currency },
    isOpen,
    isWon,
    createdAt: around.createdAt.toISOString(),
    closeDate: instantOf(facts.fields.deals.closeDate(values))?.toISOString() ?? null,
    observedAt: around.observedAt.toISOString(),
    deleted: around.deleted,
  })
}

/** A HubSpot deal as our row and our event. */
export const deals = (facts: PortalFacts): Kind => ({
  type: 'deals',
  links: ['companies', 'contacts'],
  row: ({ id, externalId, values, modifiedAt }, place) => {
    const { pipeline, stage, isOpen, isWon } = standing(facts, values)
    return {
      id,
      external_id: externalId,
      properties: values,
      source_created_at: instantOf(values.createdate) ?? new Date(0),
      modified_at: modifiedAt ?? null,
      name: textOf(facts.fields.deals.name(values)) ?? externalId,
      amount: numberOf(facts.fields.deals.amount(values)),
      currency: currencyOf(facts.fields.deals.currency(values)),
      pipeline,
      stage,
      is_open: isOpen,
      is_won: isWon,
      close_date: instantOf(facts.fields.deals.closeDate(values)),
      owner_id: ownerIdOf(place.orgId, place.integrationId, textOf(facts.fields.deals.owner(values))),
      company_external_id: mainLink(fieldToLinks(values[linkField('companies')])),
    }
  },
  changed: (record, belongs, at) => {
    const before = record.diff.dealstage?.from
    return told(facts, record.id, record.values, {
      ...belongs,
      previousStage: record.isNew ? null : (textOf(before) ?? standing(facts, record.values).stage),
      observedAt: record.modifiedAt ?? at,
      createdAt: instantOf(record.values.createdate) ?? new Date(0),
      deleted: false,
    })
  },
  gone: (record, belongs, at) =>
    told(facts, record.id, record.properties, {
      ...belongs,
      previousStage: standing(facts, record.properties).stage,
      observedAt: at,
      createdAt: record.source_created_at ?? new Date(0),
      deleted: true,
    }),
})
