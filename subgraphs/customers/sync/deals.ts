import { event } from '#schema/events.ts'
import { ownerIdOf } from '../domain/links.ts'
import { dealRenewal } from '../domain/renewals.ts'
import { dealStanding, stageKey } from '../domain/stages.ts'
import { currencyOf, instantOf, numberOf, textOf } from '../domain/values.ts'
import type { PortalFacts } from './portal-facts.ts'
import { type Kind, type Says, said, type Telling } from './records.ts'

/** HubSpot demands both, so a deal without them is one we read half. */
const UNKNOWN = 'unknown'

const standing = (facts: PortalFacts, values: Says) => {
  const pipeline = textOf(said(values, 'pipeline')) ?? UNKNOWN
  const stage = textOf(said(values, 'dealstage')) ?? UNKNOWN
  const flags = { closed: values.hs_is_closed === 'true', won: values.hs_is_closed_won === 'true' }
  const known = facts.stages.deals.get(stageKey(pipeline, stage))
  const stands = dealStanding(facts.stages.deals, pipeline, stage, flags)
  const renewal = dealRenewal(known?.renewal, { dealType: textOf(said(values, 'dealtype')), ...stands })
  return { pipeline, stage, label: known?.label ?? null, renewal, ...stands }
}

const amountOf = (facts: PortalFacts, values: Says) => {
  const amount = numberOf(facts.fields.deals.amount(values))
  const currency = currencyOf(facts.fields.deals.currency(values)) ?? facts.currency
  return amount === null ? null : { amount, currency }
}

/** What the deal said before it changed. */
const before = ({ values, diff }: Telling): Says => ({
  ...values,
  ...Object.fromEntries(Object.entries(diff).map(([field, { from }]) => [field, from])),
})

/** A HubSpot deal as our row and our events. */
export const deals = (facts: PortalFacts): Kind => ({
  type: 'deals',
  mappedBy: facts.versionOf('deals'),
  columns: (values, { externalId, place }) => {
    const { pipeline, stage, isOpen, isWon } = standing(facts, values)
    return {
      name: textOf(facts.fields.deals.name(values)) ?? externalId,
      amount: numberOf(facts.fields.deals.amount(values)),
      currency: currencyOf(facts.fields.deals.currency(values)),
      pipeline,
      stage,
      is_open: isOpen,
      is_won: isWon,
      close_date: instantOf(facts.fields.deals.closeDate(values)),
      contract_end: instantOf(facts.fields.deals.contractEnd(values)),
      owner_id: ownerIdOf(place.orgId, place.integrationId, textOf(facts.fields.deals.owner(values))),
    }
  },
  tell: (told) => [changed(facts, told), ...closed(facts, told)],
})

const changed = (facts: PortalFacts, told: Telling) => {
  const { id, values, isNew } = told
  const { pipeline, stage, label, renewal, isOpen, isWon } = standing(facts, values)
  const was = standing(facts, before(told))
  return event('customers.deal.changed', id, {
    dealId: id,
    customerId: told.customerId,
    companyId: told.companyId,
    pipeline,
    stage,
    previousStage: isNew ? null : was.stage,
    stageLabel: label,
    previousStageLabel: isNew ? null : was.label,
    amount: amountOf(facts, values),
    isOpen,
    isWon,
    renewal,
    createdAt: told.createdAt.toISOString(),
    closeDate: instantOf(facts.fields.deals.closeDate(values))?.toISOString() ?? null,
    observedAt: told.observedAt.toISOString(),
    deleted: told.deleted,
  })
}

/**
 * That a deal was won or lost is told once, when it happens: when a known deal comes to be closed, or a new one is closed already and
 * was made since we know the portal. What the first import finds closed happened long ago.
 */
const closed = (facts: PortalFacts, told: Telling) => {
  const { pipeline, stage, label, isOpen, isWon } = standing(facts, told.values)
  if (told.deleted || isOpen) return []
  const isNews = told.isNew
    ? facts.knownSince !== null && told.createdAt >= facts.knownSince
    : standing(facts, before(told)).isWon !== isWon
  if (!isNews) return []
  return [
    event(isWon ? 'customers.deal.won' : 'customers.deal.lost', told.id, {
      dealId: told.id,
      customerId: told.customerId,
      companyId: told.companyId,
      pipeline,
      stage,
      stageLabel: label,
      amount: amountOf(facts, told.values),
      closedAt: (instantOf(facts.fields.deals.closeDate(told.values)) ?? told.observedAt).toISOString(),
      observedAt: told.observedAt.toISOString(),
    }),
  ]
}
