import { type Holdings, type Note, note, type Task, task } from './activities.ts'
import { type Business, business, type Face, faceOf, type System, storyOf } from './business.ts'
import { PART_NUMBERS, type Part, part, type StockRow, stockRow } from './parts.ts'
import { type Person, person } from './people.ts'
import { hash, KIND, lastAtMost, Spread, share } from './random.ts'
import { type DemoRfq, rfq } from './rfqs.ts'
import { type Deal, deal, type Ticket, ticket } from './selling.ts'
import { type Offer, offersFor, SUPPLIERS, type Supplier, supplier } from './suppliers.ts'
import { type BillingAccount, banOf, billingAccount, type DayOfUsage, usageOn } from './telephony.ts'
import { order, purchase, soldOn, type Trade } from './transactions.ts'

export interface UniverseOptions {
  seed: number
  /** Companies in HubSpot; everything else is sized from it. */
  companies: number
  /** The instant the stories lead up to. Default 2026-11-01T00:00:00Z. */
  anchor?: Date
  /** Default one per company. */
  rfqs?: number
  /** Default 30 per company, 30,000 at most. */
  stockRows?: number
  /** Different components. Default a quarter of the stock rows. */
  parts?: number
}

/** Which accounts are the same business: what a matcher should find. */
export interface Truth {
  index: number
  hubspotId: string | null
  c3CustomerId: string | null
  ban: string | null
  parent: number | null
}

export const DEFAULT_ANCHOR = '2026-11-01T00:00:00Z'

const CONTACT_WEIGHTS = [
  [0.12, 0],
  [0.55, 2],
  [0.9, 4],
  [1, 11],
] as const

/**
 * The demo world: businesses as they are, and how each system has them on file. Nothing but parts is kept; everything is made again
 * from the seed when asked for, so that 100,000 companies cost a few megabytes.
 * Indices 0…companies−1 are the companies in HubSpot; the businesses after those are known only to C3 or only to WARP.
 */
export class Universe {
  readonly seed: number
  readonly anchor: number
  readonly companies: number
  readonly people: number
  readonly deals: number
  readonly tickets: number
  readonly tasks: number
  readonly notes: number
  readonly rfqs: number
  readonly stockRows: number
  readonly parts: number
  readonly suppliers = SUPPLIERS
  /** All businesses: those in HubSpot, then those only in C3, then those only in WARP. */
  readonly businesses: number
  /** Indices of the businesses with a C3 customer account, ascending. */
  readonly inC3: Uint32Array
  /** Indices of the businesses with a billing account, ascending. */
  readonly inWarp: Uint32Array
  readonly #peopleOf: Spread
  readonly #dealsOf: Spread
  readonly #ticketsOf: Spread
  readonly #tasksOf: Spread
  readonly #notesOf: Spread
  readonly #rfqsOf: Spread
  readonly #ordersOf: Spread
  readonly #orders: number
  readonly #purchases: number
  #soldLines: Uint32Array | undefined
  readonly #c3Place: Map<number, number>

  constructor(options: UniverseOptions) {
    const { seed, companies } = options
    this.seed = seed
    this.companies = companies
    this.anchor = (options.anchor ?? new Date(DEFAULT_ANCHOR)).getTime()
    this.people = companies * 3
    this.deals = Math.round(companies * 0.8)
    this.tickets = Math.round(companies * 0.4)
    this.tasks = Math.round(companies * 0.8)
    this.notes = Math.round(companies * 1.2)
    this.rfqs = options.rfqs ?? companies
    this.stockRows = options.stockRows ?? Math.min(companies * 30, 30_000)
    this.parts = Math.min(PART_NUMBERS, Math.max(90, options.parts ?? Math.ceil(this.stockRows / 4)))
    const onlyElsewhere = Math.ceil(companies * 0.04)
    this.businesses = companies + 2 * onlyElsewhere
    this.inC3 = indices(companies + onlyElsewhere, (i) => i >= companies || i === 0 || this.#draw(i, 5) < 0.5)
    this.inWarp = indices(this.businesses, (i) =>
      i < companies ? i === 0 || this.#draw(i, 6) < 0.5 : i >= companies + onlyElsewhere,
    )
    this.#c3Place = new Map(Array.from(this.inC3, (index, place) => [index, place]))
    // One group behind the companies takes the people whose employer is not on file.
    this.#peopleOf = new Spread(this.people, companies + 1, seed, (i) => this.#peopleWeight(i))
    this.#dealsOf = new Spread(this.deals, companies, seed + 1, (i) => this.#dealWeight(i))
    this.#ticketsOf = new Spread(this.tickets, companies, seed + 2, (i) => this.#ticketWeight(i))
    this.#tasksOf = new Spread(this.tasks, companies, seed + 4, (i) => this.#attention(i, 5))
    this.#notesOf = new Spread(this.notes, companies, seed + 5, (i) => this.#attention(i, 6))
    this.#rfqsOf = new Spread(this.rfqs, this.inC3.length, seed + 3, (place) =>
      this.#rfqWeight(this.inC3[place]!),
    )
    this.#orders = companies * 12
    this.#purchases = Math.round(this.stockRows * 0.3)
    this.#ordersOf = new Spread(this.#orders, this.inC3.length, seed + 6, (place) =>
      this.#rfqWeight(this.inC3[place]!),
    )
  }

  #draw = (index: number, salt: number): number => share(this.seed, KIND.company, index, salt)

  // A few companies have more people than HubSpot gives in one answer.
  #peopleWeight(index: number): number {
    if (index === this.companies) return this.companies * 0.03
    if (index % 400 === 137) return 180
    const draw = share(this.seed, KIND.weight, index, 1)
    return CONTACT_WEIGHTS.find(([below]) => draw < below)![1]
  }
  #dealWeight = (index: number): number =>
    (index === 0 ? 2 : 0) +
    share(this.seed, KIND.weight, index, 2) ** 2 * (storyOf(this.seed, index) === 'growing' ? 2 : 1)
  #ticketWeight = (index: number): number =>
    (index === 0 ? 1 : 0) +
    share(this.seed, KIND.weight, index, 3) ** 2 * (storyOf(this.seed, index) === 'troubled' ? 6 : 1)
  // How much somebody of ours has to do with a business: none with some, much with a few.
  #attention(index: number, salt: number): number {
    const draw = share(this.seed, KIND.weight, index, salt)
    return index === 0 ? 6 : draw < 0.3 ? 0 : draw ** 2 * (this.#isCustomer(index) ? 3 : 1)
  }
  #isCustomer = (index: number): boolean => this.#draw(index, 5) < 0.5 || this.hasBillingAccount(index)
  #rfqWeight = (index: number): number =>
    share(this.seed, KIND.weight, index, 4) * (storyOf(this.seed, index) === 'growing' ? 3 : 1)

  business(index: number): Business {
    return business(this.seed, index, this.anchor)
  }
  /** How a system has a business on file. */
  face(subject: Business, system: System): Face {
    return faceOf(this.seed, subject, system)
  }

  person(index: number): Person {
    const { group, position } = this.#peopleOf.place(index)
    return person(
      this.seed,
      index,
      group === this.companies ? null : this.business(group),
      position,
      this.anchor,
    )
  }
  /** Index of the company a person works at, or null. */
  employerOf(index: number): number | null {
    const { group } = this.#peopleOf.place(index)
    return group === this.companies ? null : group
  }
  /** Indices of the people of a company, ascending. */
  peopleOf = (company: number): number[] => this.#peopleOf.members(company)
  personAt = (company: number, position: number): number => this.#peopleOf.member(company, position)

  deal(index: number): Deal {
    const company = this.#dealsOf.place(index).group
    return deal(this.seed, index, this.business(company), this.#peopleOf.count(company), this.anchor)
  }
  buyerOf = (dealIndex: number): number => this.#dealsOf.place(dealIndex).group
  dealsOf = (company: number): number[] => this.#dealsOf.members(company)
  dealAt = (company: number, position: number): number => this.#dealsOf.member(company, position)

  ticket(index: number): Ticket {
    const company = this.#ticketsOf.place(index).group
    return ticket(this.seed, index, this.business(company), this.#peopleOf.count(company), this.anchor)
  }
  askerOf = (ticketIndex: number): number => this.#ticketsOf.place(ticketIndex).group
  ticketsOf = (company: number): number[] => this.#ticketsOf.members(company)
  ticketAt = (company: number, position: number): number => this.#ticketsOf.member(company, position)

  task(index: number): Task {
    const company = this.#tasksOf.place(index).group
    return task(this.seed, index, this.business(company), this.#holdings(company), this.anchor)
  }
  companyOfTask = (taskIndex: number): number => this.#tasksOf.place(taskIndex).group
  tasksOf = (company: number): number[] => this.#tasksOf.members(company)

  note(index: number): Note {
    const company = this.#notesOf.place(index).group
    return note(this.seed, index, this.business(company), this.#holdings(company), this.anchor)
  }
  companyOfNote = (noteIndex: number): number => this.#notesOf.place(noteIndex).group
  notesOf = (company: number): number[] => this.#notesOf.members(company)

  #holdings = (company: number): Holdings => ({
    people: this.#peopleOf.count(company),
    deals: this.#dealsOf.count(company),
    tickets: this.#ticketsOf.count(company),
    firstName: (place) => this.person(this.#peopleOf.member(company, place)).firstName,
  })

  part = (index: number): Part => part(this.seed, index)
  stockRow = (index: number): StockRow => stockRow(this.seed, index, this.parts, this.anchor)

  rfq(index: number): DemoRfq {
    const buyer = this.inC3[this.#rfqsOf.place(index).group]!
    return rfq(this.seed, index, this.business(buyer), this.parts, this.anchor)
  }
  /** Indices of the RFQs of a business, ascending; none when C3 does not know it. */
  rfqsOf(index: number): number[] {
    const place = this.#c3Place.get(index)
    return place === undefined ? [] : this.#rfqsOf.members(place)
  }
  supplier = (index: number): Supplier => supplier(this.seed, index, this.anchor)
  /** Who offers a part, cheapest first. */
  offersFor = (wanted: Part): Offer[] => offersFor(this.seed, wanted, this.anchor)

  /** How many lines of trade there are in two years: orders, then purchases, then what won requests led to. */
  get transactions(): number {
    return this.#orders + this.#purchases + this.#sold[this.rfqs]!
  }
  transaction(index: number): Trade {
    const { seed, parts, anchor } = this
    if (index < this.#orders) {
      const { group, position } = this.#ordersOf.place(index)
      const count = this.#ordersOf.count(group)
      return order(seed, index, this.business(this.inC3[group]!), { position, count, parts, anchor })
    }
    if (index < this.#orders + this.#purchases) return purchase(seed, index, parts, anchor)
    const place = index - this.#orders - this.#purchases
    const of = lastAtMost(this.#sold, place)
    return soldOn(seed, index, this.rfq(of), place - this.#sold[of]!)
  }
  // How many lines the won requests before each one have; made when somebody asks for trade.
  get #sold(): Uint32Array {
    if (this.#soldLines) return this.#soldLines
    const sums = new Uint32Array(this.rfqs + 1)
    for (let i = 0; i < this.rfqs; i += 1) {
      const { state, lines } = this.rfq(i)
      sums[i + 1] = sums[i]! + (state === 'won' ? lines.length : 0)
    }
    this.#soldLines = sums
    return sums
  }

  /** C3's id of a business, or null. */
  c3CustomerId(index: number): string | null {
    return this.#c3Place.has(index) ? `C-${10_001 + index * 2 + (hash(7, KIND.record, index) & 1)}` : null
  }

  hasBillingAccount(index: number): boolean {
    if (index >= this.companies) return index >= this.companies + Math.ceil(this.companies * 0.04)
    return index === 0 || this.#draw(index, 6) < 0.5
  }
  /** The billing account of a business. Throws RangeError when it has none. */
  billingAccount(index: number): BillingAccount {
    if (!this.hasBillingAccount(index)) throw new RangeError(`business ${index} has no billing account`)
    const owner = this.business(index)
    return billingAccount(this.seed, owner, this.face(owner, 'warp'), this.anchor)
  }
  /** What a billing account used on the UTC day of `at`. */
  usageOn(account: BillingAccount, at: Date): DayOfUsage {
    return usageOn(this.seed, this.business(account.business), account, at.getTime(), this.anchor)
  }

  truth(index: number): Truth {
    const { parent } = this.business(index)
    return {
      index,
      hubspotId: index < this.companies ? recordId('companies', index) : null,
      c3CustomerId: this.c3CustomerId(index),
      ban: this.hasBillingAccount(index) ? banOf(index) : null,
      parent,
    }
  }
  *truths(): Generator<Truth> {
    for (let index = 0; index < this.businesses; index += 1) yield this.truth(index)
  }
}

const indices = (count: number, has: (index: number) => boolean): Uint32Array =>
  Uint32Array.from(Array.from({ length: count }, (_, i) => i).filter(has))

// First id and distance of each kind of record in HubSpot: ascending with gaps, as a portal's ids are.
const IDS = {
  companies: [18_400_000_000, 17],
  contacts: [21_000_000_000, 11],
  deals: [9_700_000_000, 13],
  tickets: [3_100_000_000, 19],
  tasks: [41_000_000_000, 23],
  notes: [52_000_000_000, 29],
} as const
export type HubSpotKind = keyof typeof IDS

/** HubSpot's id of the record at an index. */
export const recordId = (kind: HubSpotKind, index: number): string => {
  const [first, step] = IDS[kind]
  return String(first + index * step + (hash(first % 1_000, KIND.record, index) % step))
}

/** The index behind a generated id; undefined for an id that the universe has not given. */
export const recordIndex = (kind: HubSpotKind, id: string | number): number | undefined => {
  const [first, step] = IDS[kind]
  const index = Math.floor((Number(id) - first) / step)
  return index >= 0 && recordId(kind, index) === String(id) ? index : undefined
}
