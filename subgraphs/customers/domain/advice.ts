/**
 * What the hub asks people to do, as HubSpot's tasks and notes say it.
 *
 * follow-up  something to do that the hub names by what it holds itself, and once while its reason stands
 */
import type { EventPayload } from '#schema/events.ts'
import { linkField, linksToField } from './links.ts'

const DAY_MS = 86_400_000

/** A company that something is to be done for. */
export interface Advised {
  externalId: string
  /** Who looks after it, by the colleague's id in HubSpot. */
  owner: string | null
}

/** HubSpot takes these texts for HTML. */
const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br>')

const about = ({ externalId, owner }: Advised) => ({
  // Of what tasks and notes are about, nothing is the main thing.
  [linkField('companies')]: linksToField([{ id: externalId, primary: false }]),
  ...(owner ? { hubspot_owner_id: owner } : {}),
})

/** A task as HubSpot is to have it. */
export const taskOf = (
  company: Advised,
  task: { title: string; text: string; priority: 'HIGH' | 'MEDIUM' | 'LOW'; dueAt: Date },
) => ({
  hs_task_subject: task.title,
  hs_task_body: html(task.text),
  hs_task_status: 'NOT_STARTED',
  hs_task_priority: task.priority,
  hs_task_type: 'TODO',
  hs_timestamp: task.dueAt.toISOString(),
  ...about(company),
})

/** A note as HubSpot is to have it. */
export const noteOf = (company: Advised, text: string, at: Date) => ({
  hs_note_body: html(text),
  hs_timestamp: at.toISOString(),
  ...about(company),
})

/** What insights recommends, as far as it becomes tasks and notes. */
export interface Recommendation {
  action: string
  reasoning: string
  requiresHumanAction: boolean
  priority: 'HIGH' | 'MEDIUM' | 'LOW'
  dueAt: string | null
  state: 'OPEN' | 'DONE' | 'DISMISSED' | 'EXPIRED'
  outcome: string | null
  observedAt: string
}

/** When nobody says when: within three days. */
const dueOf = ({ dueAt, observedAt }: Recommendation): Date =>
  dueAt === null ? new Date(Date.parse(observedAt) + 3 * DAY_MS) : new Date(dueAt)

/** What a recommendation makes in HubSpot: a task while somebody has to act, a note of it, and a note of what came of it. */
export const adviceOf = (company: Advised, told: Recommendation) => {
  const at = new Date(told.observedAt)
  const { action: title, reasoning: text, priority } = told
  const ended = { DONE: 'Done', DISMISSED: 'Dismissed', EXPIRED: 'Expired', OPEN: null }[told.state]
  return {
    task:
      told.requiresHumanAction && ended === null
        ? taskOf(company, { title, text, priority, dueAt: dueOf(told) })
        : null,
    note: noteOf(company, `Recommended: ${title}${text ? `\n${text}` : ''}`, at),
    outcome: ended && noteOf(company, `${ended}: ${title}${told.outcome ? `\n${told.outcome}` : ''}`, at),
  }
}

type PartAdvice = EventPayload<'inventory.recommendation.changed'>

/** 13.2500 as people write it: 13.25. */
const short = (amount: string): string => (amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount)
const amountOf = ({ amount }: PartAdvice): string =>
  amount ? `${short(amount.amount)} ${amount.currency}` : ''

const PART_TITLES: Readonly<Record<PartAdvice['kind'], (told: PartAdvice) => string>> = {
  PRICING: (told) => `Ask ${amountOf(told)} for ${told.partNumber}`,
  ALTERNATIVE: (told) =>
    `Offer ${told.alternativePartNumber} for ${told.partNumber}, which saves ${amountOf(told)} each`,
  STOCK_LEVEL: ({ partNumber }) => `Hold ${partNumber} in stock`,
  SUPPLY_RISK: ({ partNumber }) => `Look after the supply of ${partNumber}`,
}

const ENDS: Readonly<Record<NonNullable<PartAdvice['outcome']>['result'], string | null>> = {
  // The customer has not decided.
  QUOTED: null,
  WON: 'The customer bought',
  LOST: 'The customer did not buy',
  EXPIRED: 'Nobody decided in time',
  ORDERED: 'It was ordered',
  NOT_TAKEN: 'The customer did not take it',
}

/** What is recommended for a request for prices as what is done for a customer: null while nobody has decided on it. */
export const partAdvice = (told: PartAdvice): (Recommendation & { recommendationId: string }) | null => {
  if (told.state !== 'ACCEPTED' && told.state !== 'REJECTED') return null
  const end = told.outcome && ENDS[told.outcome.result]
  const price = told.outcome?.price
  const outcome = end && `${end}${price ? ` at ${short(price.amount)} ${price.currency}` : ''}.`
  return {
    recommendationId: told.recommendationId,
    action: PART_TITLES[told.kind](told),
    reasoning: told.reasoning ?? '',
    ...{ requiresHumanAction: false, priority: 'MEDIUM', dueAt: null },
    state: told.state === 'REJECTED' ? 'DISMISSED' : outcome ? 'DONE' : 'OPEN',
    outcome: outcome ?? null,
    observedAt: told.observedAt,
  }
}

/** A customer's company as it is judged for following up. */
export interface Followed extends Advised {
  id: string
  name: string
  lastActivityAt: Date | null
  health: number | null
}

/** Days without anybody being in touch after which somebody should be. */
const QUIET_DAYS = 30
/** A health below the first needs somebody; it has recovered at the second. */
const HEALTH_NEEDS = 40
const HEALTH_RECOVERED = 50

const quietDays = ({ lastActivityAt }: Followed, at: Date): number =>
  lastActivityAt === null ? 0 : Math.floor((at.getTime() - lastActivityAt.getTime()) / DAY_MS)

interface FollowUp {
  /** Whether the reason is there, and whether it has gone. Neither: as it was. */
  isDue(company: Followed, at: Date): boolean
  isOver(company: Followed, at: Date): boolean
  task(company: Followed, at: Date): Parameters<typeof taskOf>[1]
}

/** Why somebody is asked to follow up, by the reason's name. */
export const FOLLOW_UPS: Readonly<Record<'QUIET' | 'LOW_HEALTH', FollowUp>> = {
  QUIET: {
    isDue: (company, at) => quietDays(company, at) >= QUIET_DAYS,
    isOver: (company, at) => quietDays(company, at) < QUIET_DAYS,
    task: (company, at) => ({
      title: `Get in touch with ${company.name}`,
      text: `Nobody has been in touch for ${quietDays(company, at)} days. Call, or write.`,
      priority: 'MEDIUM',
      dueAt: new Date(at.getTime() + 3 * DAY_MS),
    }),
  },
  LOW_HEALTH: {
    isDue: ({ health }) => health !== null && health < HEALTH_NEEDS,
    isOver: ({ health }) => health === null || health >= HEALTH_RECOVERED,
    task: (company, at) => ({
      title: `Look into how ${company.name} is doing`,
      text: `Its health is ${Math.round(company.health ?? 0)} of 100: it may leave. See what makes it up, and call.`,
      priority: 'HIGH',
      dueAt: new Date(at.getTime() + DAY_MS),
    }),
  },
}
