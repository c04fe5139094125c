import type { Business, Story } from './business.ts'
import { KIND, Rng } from './random.ts'

/** Something that somebody of ours means to do for a business, or has done. */
export interface Task {
  index: number
  business: number
  title: string
  body: string
  status: 'NOT_STARTED' | 'IN_PROGRESS' | 'WAITING' | 'COMPLETED' | 'DEFERRED'
  priority: 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH'
  kind: 'TODO' | 'CALL' | 'EMAIL'
  /** Epoch milliseconds. */
  createdAt: number
  dueAt: number
  completedAt: number | null
  about: About
}

/** What somebody of ours has written down about a business. */
export interface Note {
  index: number
  business: number
  text: string
  /** Epoch milliseconds. */
  writtenAt: number
  about: About
}

/** Whom and what it concerns beside the business: places among its people, deals and tickets. */
export interface About {
  person: number | null
  deal: number | null
  ticket: number | null
}

/** How much of each a business has on file. */
export interface Holdings {
  people: number
  deals: number
  tickets: number
  /** First name of the person at a place. */
  firstName(place: number): string
}

const DAY_MS = 86_400_000

type Subject = 'person' | 'deal' | 'ticket' | 'business'

// `{who}` is the person it concerns, or whoever answers there.
const TASKS = [
  [
    'Call {who} about the renewal',
    'CALL',
    'deal',
    'Their contract runs out; ask what they will need next year.',
  ],
  ['Send the revised quote', 'EMAIL', 'deal', 'They asked for a second price step at 1,000 pieces.'],
  ['Prepare the kick-off', 'TODO', 'deal', 'Agenda, names of their team, number porting dates.'],
  [
    'Ask {who} for the forecast',
    'EMAIL',
    'person',
    'Quantities per quarter, so that stock can be set aside.',
  ],
  ['Check in with {who}', 'CALL', 'person', 'Nobody has spoken to them for a while.'],
  ['Answer the complaint', 'CALL', 'ticket', 'Tell them what was found and when it will be put right.'],
  [
    'Credit the disputed invoice',
    'TODO',
    'ticket',
    'Billing agrees with the customer; the credit is still missing.',
  ],
  ['Confirm the E911 addresses', 'TODO', 'business', 'Two sites have moved since the last audit.'],
  ['Renew the NDA', 'TODO', 'business', 'The one on file ends this quarter.'],
  ['Update the delivery address', 'TODO', 'business', 'Their new warehouse takes goods from next month on.'],
] as const satisfies readonly (readonly [string, Task['kind'], Subject, string])[]

const NOTES = [
  ['Spoke with {who}: happy with the service, wants one invoice for all sites.', 'person'],
  ['{who} is on parental leave until spring; the deputy decides meanwhile.', 'person'],
  ['{who} prefers to be called before ten, and never on Mondays.', 'person'],
  ['Budget approved. They expect the paperwork this week & will sign by Friday.', 'deal'],
  ['A competitor offers 8 % less; they would stay for shorter lead times.', 'deal'],
  ['Demo went well. Open question: failover between the two data centres.', 'deal'],
  ['Engineering traced the fault to a carrier; {who} was told and is patient for now.', 'ticket'],
  ['Third report of the same trouble within a month. Escalate if it comes back.', 'ticket'],
  ['They are opening a second plant and will need 40 more lines.', 'business'],
  ['Visited the site. Old PBX still in use <i>beside</i> the trunks; chance to sell.', 'business'],
  ['Purchasing moves to headquarters at the turn of the year.', 'business'],
  ['Asked to be paid in 45 days instead of 30. Passed on to accounting.', 'business'],
] as const satisfies readonly (readonly [string, Subject])[]

// Chance that a task is still to be done, by how things go with the business.
const UNDONE: Readonly<Record<Story, number>> = {
  growing: 0.4,
  steady: 0.3,
  seasonal: 0.3,
  troubled: 0.6,
  shrinking: 0.4,
  churned: 0.05,
}

/** Makes the task at an index. */
export const task = (seed: number, index: number, of: Business, has: Holdings, anchor: number): Task => {
  const rng = new Rng(seed, KIND.task, index)
  const [title, kind, subject, body] = rng.pick(TASKS.filter(([, , wanted]) => isThere(wanted, has)))
  const about = aboutOf(rng, subject, title, has)
  const isUndone = rng.chance(UNDONE[of.story])
  const since = Math.max(of.knownSince, anchor - 400 * DAY_MS)
  // What is still to be done is young; a few of those are late.
  const createdAt = Math.round(
    isUndone
      ? Math.max(since, anchor - rng.int(1, 45) * DAY_MS - rng.next() * DAY_MS)
      : since + rng.next() * (anchor - 20 * DAY_MS - since),
  )
  const dueAt = Math.ceil((createdAt + rng.int(2, 40) * DAY_MS) / 3_600_000) * 3_600_000
  const status = isUndone
    ? rng.weighted([
        ['NOT_STARTED', 6],
        ['IN_PROGRESS', 2],
        ['WAITING', 2],
        ['DEFERRED', 1],
      ] as const)
    : 'COMPLETED'
  const took = rng.next()
  return {
    index,
    business: of.index,
    title: spoken(title, about, has),
    body,
    status,
    priority: rng.weighted([
      ['NONE', 4],
      ['LOW', 2],
      ['MEDIUM', 4],
      ['HIGH', of.story === 'troubled' ? 6 : 2],
    ] as const),
    kind,
    createdAt,
    dueAt,
    completedAt: isUndone ? null : Math.round(createdAt + took * Math.min(30 * DAY_MS, anchor - createdAt)),
    about,
  }
}

/** Makes the note at an index. */
export const note = (seed: number, index: number, of: Business, has: Holdings, anchor: number): Note => {
  const rng = new Rng(seed, KIND.note, index)
  const [text, subject] = rng.pick(NOTES.filter(([, wanted]) => isThere(wanted, has)))
  const about = aboutOf(rng, subject, text, has)
  const since = Math.max(of.knownSince, anchor - 700 * DAY_MS)
  return {
    index,
    business: of.index,
    text: spoken(text, about, has),
    writtenAt: Math.round(since + rng.next() * (anchor - 3_600_000 - since)),
    about,
  }
}

const isThere = (subject: Subject, has: Holdings): boolean =>
  ({ person: has.people, deal: has.deals, ticket: has.tickets, business: 1 })[subject] > 0

const aboutOf = (rng: Rng, subject: Subject, text: string, has: Holdings): About => {
  const place = (count: number) => (count === 0 ? null : rng.int(0, count - 1))
  return {
    person: subject === 'person' || text.includes('{who}') || rng.chance(0.5) ? place(has.people) : null,
    deal: subject === 'deal' ? place(has.deals) : null,
    ticket: subject === 'ticket' ? place(has.tickets) : null,
  }
}

const spoken = (text: string, { person }: About, has: Holdings): string =>
  text.replace('{who}', person === null ? 'the front desk' : has.firstName(person))
