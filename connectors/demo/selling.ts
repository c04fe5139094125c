import type { Business, Story } from './business.ts'
import { KIND, Rng } from './random.ts'

/** A chance to sell. */
export interface Deal {
  index: number
  business: number
  name: string
  /** US dollars, two decimals. */
  amount: string | null
  stage: DealStage
  kind: 'newbusiness' | 'existingbusiness'
  /** Epoch milliseconds. */
  createdAt: number
  closeAt: number
  /** Places of the people involved among those of the business. */
  people: number[]
}

export const DEAL_STAGES = [
  'appointmentscheduled',
  'qualifiedtobuy',
  'presentationscheduled',
  'decisionmakerboughtin',
  'contractsent',
  'closedwon',
  'closedlost',
] as const
export type DealStage = (typeof DEAL_STAGES)[number]

/** A request for help. */
export interface Ticket {
  index: number
  business: number
  subject: string
  content: string
  /** New, waiting on contact, waiting on us, closed. */
  stage: '1' | '2' | '3' | '4'
  priority: 'LOW' | 'MEDIUM' | 'HIGH' | 'URGENT'
  category: string
  issue: 'voice' | 'sms' | 'billing' | 'api' | 'portal'
  severity: 'critical' | 'high' | 'medium' | 'low'
  createdAt: number
  closedAt: number | null
  /** Place of the person who asked among the people of the business. */
  person: number | null
}

const DAY_MS = 86_400_000

// Chance of won, lost and open per story.
const OUTCOMES: Readonly<Record<Story, readonly [number, number, number]>> = {
  growing: [0.5, 0.1, 0.4],
  shrinking: [0.2, 0.55, 0.25],
  churned: [0.15, 0.85, 0],
  seasonal: [0.4, 0.3, 0.3],
  troubled: [0.2, 0.45, 0.35],
  steady: [0.4, 0.25, 0.35],
}

const OFFERS = [
  'SIP trunk expansion',
  'annual supply agreement',
  'microcontroller lot',
  'renewal',
  'contact center roll-out',
  'E911 coverage',
  'sensor kit pilot',
  'number porting',
  'framework contract',
  'power module reorder',
]

/** Makes the deal at an index. `peopleThere` is how many people of the business are known. */
export const deal = (
  seed: number,
  index: number,
  buyer: Business,
  peopleThere: number,
  anchor: number,
): Deal => {
  const rng = new Rng(seed, KIND.deal, index)
  const [won, lost, open] = OUTCOMES[buyer.story]
  const outcome = rng.weighted([
    ['won', won],
    ['lost', lost],
    ['open', open],
  ] as const)
  const createdAt = Math.round(buyer.knownSince + rng.next() * (anchor - 5 * DAY_MS - buyer.knownSince))
  const length = rng.int(10, 150) * DAY_MS
  const closed = Math.min(createdAt + length, anchor - rng.int(1, 60) * 3_600_000)
  const size = 1_500 + (buyer.annualRevenue / 400) * rng.next() ** 2
  const involved = peopleThere === 0 ? 0 : Math.min(peopleThere, rng.int(1, 3))
  const first = rng.int(0, Math.max(0, peopleThere - 1))
  return {
    index,
    business: buyer.index,
    name: `${buyer.name} – ${rng.pick(OFFERS)}`,
    amount: rng.chance(0.06) ? null : size.toFixed(2),
    stage: outcome === 'won' ? 'closedwon' : outcome === 'lost' ? 'closedlost' : DEAL_STAGES[rng.int(0, 4)]!,
    kind: rng.chance(0.45) ? 'newbusiness' : 'existingbusiness',
    createdAt,
    closeAt: outcome === 'open' ? anchor + rng.int(-20, 120) * DAY_MS : closed,
    people: Array.from({ length: involved }, (_, i) => (first + i) % peopleThere),
  }
}

const COMPLAINTS = [
  ['Choppy audio on outbound calls', 'voice', 'Voice: call quality'],
  ['Calls to one carrier fail with 503', 'voice', 'Voice: call failures'],
  ['Wrong routing after hours', 'voice', 'Voice: routing problems'],
  ['Calls fall back to G.711', 'voice', 'Voice: codec issues'],
  ['Messages are not delivered', 'sms', 'Messaging: SMS delivery failures'],
  ['Campaign waits for registration', 'sms', 'Messaging: 10DLC registration'],
  ['Pictures arrive as links', 'sms', 'Messaging: MMS problems'],
  ['Campaign was suspended', 'sms', 'Messaging: campaign issues'],
  ['Invoice shows a trunk we closed', 'billing', 'Billing: invoice disputes'],
  ['Card was declined', 'billing', 'Billing: payment failures'],
  ['Charged tax although exempt', 'billing', 'Billing: tax questions'],
  ['What do calls to Mexico cost?', 'billing', 'Billing: rate inquiries'],
  ['Requests answer 500 since this morning', 'api', 'Technical: API errors'],
  ['Webhooks do not reach us', 'api', 'Technical: integration help'],
  ['Number port takes too long', 'portal', 'Technical: number porting'],
  ['Cannot sign in', 'portal', 'Technical: configuration assistance'],
] as const

/** What tickets are about, as the support desk files them. */
export const TICKET_CATEGORIES: readonly string[] = COMPLAINTS.map(([, , category]) => category)

/** Makes the ticket at an index. */
export const ticket = (
  seed: number,
  index: number,
  asker: Business,
  peopleThere: number,
  anchor: number,
): Ticket => {
  const rng = new Rng(seed, KIND.ticket, index)
  const [subject, issue, category] = rng.pick(COMPLAINTS)
  const troubled = asker.story === 'troubled'
  const since = troubled ? Math.max(asker.knownSince, anchor - 60 * DAY_MS) : asker.knownSince
  const createdAt = Math.round(since + rng.next() * (anchor - 3_600_000 - since))
  const isOpen = rng.chance(troubled ? 0.6 : 0.2)
  const severity = rng.weighted([
    ['critical', troubled ? 3 : 0.3],
    ['high', troubled ? 4 : 1],
    ['medium', 4],
    ['low', 3],
  ] as const)
  return {
    index,
    business: asker.index,
    subject,
    content: `${subject}. Reported by ${asker.name}.`,
    stage: isOpen ? rng.pick(['1', '2', '3'] as const) : '4',
    priority: ({ critical: 'URGENT', high: 'HIGH', medium: 'MEDIUM', low: 'LOW' } as const)[severity],
    category,
    issue,
    severity,
    createdAt,
    closedAt: isOpen ? null : Math.round(createdAt + rng.next() * (anchor - createdAt)),
    person: peopleThere > 0 && rng.chance(0.7) ? rng.int(0, peopleThere - 1) : null,
  }
}
