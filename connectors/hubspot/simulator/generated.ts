import {
  type HubSpotKind,
  hash,
  KIND,
  type Person,
  recordId,
  type Story,
  share,
  type Ticket,
  type Universe,
} from '#connectors/demo/index.ts'
import { noticed } from './attention.ts'
import { ownerOf, PROBABILITY } from './facts.ts'

/** A record as the universe has it: its own properties without those that every record has. */
export interface Generated {
  createdAt: number
  modifiedAt: number
  properties: Record<string, string | null>
}

const DAY_MS = 86_400_000
const KINDS = {
  companies: KIND.company,
  contacts: KIND.person,
  deals: KIND.deal,
  tickets: KIND.ticket,
  tasks: KIND.task,
  notes: KIND.note,
}

/**
 * When a record was last touched, epoch milliseconds. Drawn without making the record, because a search sorts hundreds of
 * thousands by it; a record is created no later than this.
 */
export const generatedModifiedAt = (universe: Universe, type: HubSpotKind, index: number): number =>
  universe.anchor - 300_000 - Math.floor(share(universe.seed, KINDS[type], index, 99) ** 3 * 300 * DAY_MS)

/** How many records of a type the universe has. */
export const generatedCount = (universe: Universe, type: HubSpotKind): number =>
  ({
    companies: universe.companies,
    contacts: universe.people,
    deals: universe.deals,
    tickets: universe.tickets,
    tasks: universe.tasks,
    notes: universe.notes,
  })[type]

/** Makes the record of a type at an index. */
export const generate = (universe: Universe, type: HubSpotKind, index: number): Generated => {
  const modifiedAt = generatedModifiedAt(universe, type, index)
  const { createdAt, properties } = MAKERS[type](universe, index)
  properties.hubspot_owner_id = ownerOf(universe.seed, KINDS[type], index)
  return { createdAt: Math.min(createdAt, modifiedAt), modifiedAt, properties }
}

interface Made {
  createdAt: number
  properties: Record<string, string | null>
}

const company = (universe: Universe, index: number): Made => {
  const subject = universe.business(index)
  const face = universe.face(subject, 'hubspot')
  const draw = (salt: number) => share(universe.seed, KIND.record, index, salt)
  const c3 = universe.c3CustomerId(index)
  const ban = universe.hasBillingAccount(index) ? universe.truth(index).ban : null
  const active = c3 !== null || ban !== null
  const hasRenewal = ban !== null && draw(3) < 0.6
  return {
    createdAt: subject.knownSince,
    properties: {
      name: face.name,
      domain: face.domain,
      website: face.domain === null ? null : `https://www.${face.domain}`,
      phone: face.phone,
      address: subject.street,
      city: subject.city,
      state: subject.state,
      zip: subject.zip,
      country: subject.country,
      industry: draw(4) < 0.93 ? subject.industry : null,
      annualrevenue: draw(5) < 0.88 ? String(subject.annualRevenue) : null,
      numberofemployees: String(subject.employees),
      type: active ? (draw(6) < 0.1 ? 'VENDOR' : 'OTHER') : 'PROSPECT',
      lifecyclestage: active ? 'customer' : draw(7) < 0.5 ? 'lead' : 'opportunity',
      hs_parent_company_id: subject.parent === null ? null : recordId('companies', subject.parent),
      warp_ban: ban !== null && draw(1) < 0.3 ? ban : null,
      customer_number: c3 !== null && draw(2) < 0.3 ? c3 : null,
      renewal_date: hasRenewal
        ? new Date(universe.anchor + Math.floor(draw(8) * 400) * DAY_MS).toISOString().slice(0, 10)
        : null,
      nda_signed: draw(9) < 0.4 ? 'true' : draw(9) < 0.6 ? 'false' : null,
      notes_last_contacted: lastContacted(universe, subject.story, draw(11)),
      component_spend: c3 === null ? null : String(Math.round(draw(10) ** 2 * 400_000)),
    },
  }
}

// How long ago somebody of ours last spoke to a business, at most, in days: what its story does to the relationship.
const SILENCE: Readonly<Record<Story, number>> = {
  growing: 20,
  steady: 60,
  seasonal: 120,
  troubled: 90,
  shrinking: 200,
  churned: 500,
}

const lastContacted = (universe: Universe, story: Story, draw: number): string | null =>
  draw < 0.08
    ? null
    : new Date(
        universe.anchor -
          DAY_MS / 4 -
          Math.floor((story === 'churned' ? 0.4 + draw * 0.6 : draw) * SILENCE[story] * DAY_MS),
      ).toISOString()

const contact = (universe: Universe, index: number): Made => {
  const someone = universe.person(index)
  const employer = someone.business === null ? null : universe.business(someone.business)
  const draw = share(universe.seed, KIND.record, index, 20)
  return {
    createdAt: someone.knownSince,
    properties: {
      email: someone.email,
      firstname: someone.firstName,
      lastname: draw < 0.03 ? null : someone.lastName,
      phone: someone.phone,
      mobilephone: someone.mobile,
      jobtitle: draw > 0.9 ? null : someone.jobTitle,
      company: employer?.name ?? null,
      city: someone.city,
      state: someone.state,
      lifecyclestage: draw < 0.5 ? 'customer' : 'lead',
      hs_lead_status: draw < 0.3 ? 'CONNECTED' : draw < 0.5 ? 'OPEN' : null,
      hs_email_domain: someone.email === null ? null : someone.email.slice(someone.email.indexOf('@') + 1),
      concern: someone.concern,
      notes_last_contacted:
        employer === null ? null : lastContacted(universe, employer.story, (draw * 7) % 1),
      ...(employer === null ? {} : noticed(universe, someone, employer.story, index)),
      ...userOfWarp(universe, someone, index),
    },
  }
}

// Half of the people of a customer of WARP sign in there. What they may do follows from what they care about.
const userOfWarp = (
  universe: Universe,
  { business, concern }: Person,
  index: number,
): Record<string, string | null> => {
  const draw = (salt: number) => share(universe.seed, KIND.record, index, salt)
  if (business === null || !universe.hasBillingAccount(business) || draw(21) < 0.5) return {}
  const isDeveloper = concern === 'technical'
  const keys = isDeveloper ? Math.floor(draw(22) * 4) : 0
  const ago = (days: number) => new Date(universe.anchor - Math.floor(days * DAY_MS)).toISOString()
  return {
    warp_user_id: `usr_${(index * 3 + 5_000).toString(36)}`,
    warp_role: isDeveloper ? 'developer' : (ROLES[concern] ?? 'readonly'),
    warp_2fa_enabled: String(draw(23) < 0.6),
    warp_last_login: ago(draw(24) ** 2 * 200 + 0.1),
    warp_api_key_count: String(keys),
    warp_last_api_call: keys === 0 ? null : ago(draw(25) ** 2 * 60 + 0.01),
  }
}
const ROLES: Readonly<Record<string, string>> = { executive: 'admin', billing: 'billing' }

const deal = (universe: Universe, index: number): Made => {
  const made = universe.deal(index)
  return {
    createdAt: made.createdAt,
    properties: {
      dealname: made.name,
      amount: made.amount,
      closedate: new Date(made.closeAt).toISOString(),
      pipeline: 'default',
      dealstage: made.stage,
      dealtype: made.kind,
      deal_currency_code: 'USD',
      ...derivedOfDeal(made.stage),
    },
  }
}

/** The properties that HubSpot works out from a deal's stage. */
export const derivedOfDeal = (stage: string | null): Record<string, string | null> => ({
  hs_is_closed: String(stage === 'closedwon' || stage === 'closedlost'),
  hs_is_closed_won: String(stage === 'closedwon'),
  hs_deal_stage_probability: stage === null ? null : (PROBABILITY[stage] ?? null),
})

const ticket = (universe: Universe, index: number): Made => {
  const made = universe.ticket(index)
  return {
    createdAt: made.createdAt,
    properties: {
      subject: made.subject,
      content: made.content,
      hs_pipeline: '0',
      hs_pipeline_stage: made.stage,
      hs_ticket_priority: made.priority,
      hs_ticket_category: made.category,
      source_type: (['EMAIL', 'PHONE', 'FORM', 'CHAT'] as const)[index % 4]!,
      closed_date: made.closedAt === null ? null : new Date(made.closedAt).toISOString(),
      warp_issue_type: made.issue,
      warp_severity: made.severity,
      ...troubleOnWarp(universe, made),
    },
  }
}

// What the support desk notes beside a ticket about the telephone network.
const troubleOnWarp = (
  universe: Universe,
  { index, business, issue, severity, createdAt }: Ticket,
): Record<string, string | null> => {
  if (issue !== 'voice' || !universe.hasBillingAccount(business)) return {}
  const draw = (salt: number) => share(universe.seed, KIND.record, index, salt)
  const trunk = universe.billingAccount(business).trunks[0]
  const hours = severity === 'critical' ? 4 : severity === 'high' ? 8 : 24
  return {
    warp_trunk_id: trunk?.trunkId ?? null,
    warp_call_id:
      draw(31) < 0.6 ? `call_${(hash(universe.seed, KIND.record, index, 32) >>> 0).toString(16)}` : null,
    warp_sla_breach: draw(33) < 0.3 ? new Date(createdAt + hours * 3_600_000).toISOString() : null,
    warp_technical_details: JSON.stringify({ mos: Number((2.4 + draw(34) * 2).toFixed(1)), codec: 'G.711' }),
  }
}

const task = (universe: Universe, index: number): Made => {
  const made = universe.task(index)
  return {
    createdAt: made.createdAt,
    properties: {
      hs_task_subject: made.title,
      hs_task_body: `<p>${made.body}</p>`,
      hs_task_status: made.status,
      hs_task_priority: made.priority,
      hs_task_type: made.kind,
      hs_timestamp: new Date(made.dueAt).toISOString(),
      hs_task_completion_date: made.completedAt === null ? null : new Date(made.completedAt).toISOString(),
    },
  }
}

const note = (universe: Universe, index: number): Made => {
  const made = universe.note(index)
  return {
    createdAt: made.writtenAt,
    properties: {
      hs_note_body: `<p>${made.text.replaceAll('&', '&amp;')}</p>`,
      hs_timestamp: new Date(made.writtenAt).toISOString(),
    },
  }
}

const MAKERS = {
  companies: company,
  contacts: contact,
  deals: deal,
  tickets: ticket,
  tasks: task,
  notes: note,
}
