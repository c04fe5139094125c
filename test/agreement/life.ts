/**
 * The life of an organisation's customers, as its systems tell of it: records come, change, move and go; accounts are linked, split and
 * merged; nobody is a customer any more, and is one again. The same chance gives the same life.
 *
 * last   the last word about each record: what is so in the end
 */
import { idFrom } from '#kernel/ids.ts'
import { DAY, pick } from '#test/insights/facts.ts'
import { advice } from '#test/insights/insight-facts.ts'
import { type System, says } from '#test/insights/world.ts'
import { type SentSignal, sendings } from './sendings.ts'
import { keyOf, tell, type Word } from './words.ts'

type Account = `${System}:${string}`

const STAGES = ['lead', 'opportunity', 'customer', 'evangelist', null]
const PARTS = [
  ['Microcontroller', 'STM32', 'ST'],
  ['Microcontroller', 'ESP32', 'Espressif'],
  ['Capacitor', 'X7R', 'Murata'],
  ['Resistor', 'Thick film', 'Yageo'],
  ['Connector', 'USB-C', 'Molex'],
  [null, null, 'Nobody known'],
] as const

/** One organisation's life, a word at a time. */
export class Life {
  /** By what each is about. */
  readonly last = new Map<string, Word>()
  /** The last that platforms sent of each record and day. */
  readonly sent = new Map<string, SentSignal>()
  readonly customers: readonly string[]
  /** How many words there have been. */
  told = 0
  readonly #random: () => number
  readonly #accounts: readonly Account[]
  readonly #owner = new Map<Account, string>()
  readonly #versions = new Map<string, number>()
  #now: Date

  constructor(random: () => number, { customers, now }: { customers: number; now: Date }) {
    this.#random = random
    this.#now = now
    this.customers = Array.from({ length: customers }, (_, n) => idFrom('a customer of the life', `${n}`))
    const each = Math.ceil(customers * 0.8)
    this.#accounts = (['HUBSPOT', 'C3', 'WARP'] as const).flatMap((system) =>
      Array.from({ length: each }, (_, n): Account => `${system}:${system.toLowerCase()}-${n}`),
    )
  }

  get now(): Date {
    return this.#now
  }

  pass(ms: number): void {
    this.#now = new Date(this.#now.getTime() + Math.round(ms))
  }

  /** What happens next: one word, or the words of a change of identities. */
  next(): Word[] {
    const words = pick(this.#random, this.#acts)()
    for (const word of words) this.last.set(keyOf(word.event), word)
    this.told += words.length
    return words
  }

  /** Facts of platforms, of any kind that may be sent; some are withdrawn, some come late. */
  send(count: number): SentSignal[] {
    const known = [...this.#owner.keys()]
    const list = known.length === 0 ? [] : sendings(this.#random, known, this.#now, count)
    this.told += list.length
    return list
  }

  /** Keeps a sent fact as the last word about its record, where it is. */
  wasTaken(sent: SentSignal): void {
    const key = [
      sent.system,
      sent.kind,
      sent.record ?? '',
      sent.day ?? '',
      sent.day ? sent.account.id : '',
    ].join('\n')
    const held = this.sent.get(key)
    if (!held || sent.observedAt > held.observedAt) this.sent.set(key, sent)
  }

  /** A record that is there, and the word that withdraws it. */
  withdrawal(kind: string, recordId: string, accountId: string): Word | null {
    const gone: Readonly<Record<string, () => Word>> = {
      contact: () =>
        tell('customers.contact.changed', { ...says.contact(recordId, accountId), deleted: true }),
      deal: () => tell('customers.deal.changed', { ...says.deal(recordId, accountId), deleted: true }),
      ticket: () => tell('customers.ticket.changed', { ...says.ticket(recordId, accountId), deleted: true }),
      rfq: () => tell('inventory.rfq.changed', { ...says.rfq(recordId, accountId), deleted: true }),
      company: () => tell('customers.company.changed', { ...says.company(recordId), deleted: true }),
      trunk: () => tell('telephony.trunk.changed', says.trunk(recordId, accountId, 'DELETED')),
    }
    const word = Object.hasOwn(gone, kind) ? gone[kind]!() : null
    if (word) {
      this.last.set(keyOf(word.event), word)
      this.told++
    }
    return word
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }
  #number(most: number): number {
    return Math.floor(this.#random() * most)
  }
  /** A moment up to so many days ago, or, seldom, ahead. */
  #moment(days: number, ahead = 0.03): string {
    const share = this.#random() ** 2
    const after = this.#chance(ahead) ? share * 20 : -share * days
    return new Date(this.#now.getTime() + Math.round(after * DAY)).toISOString()
  }
  #seen(): { observedAt: string } {
    return { observedAt: this.#moment(this.#chance(0.8) ? 0.01 : 30, 0) }
  }
  #own(system: string): string {
    return `${system}-${this.#number(this.#accounts.length / 3)}`
  }
  #record(kind: string, each: number): string {
    return `${kind}-${this.#number((this.#accounts.length / 3) * each)}`
  }
  #company(): string | null {
    return this.#chance(0.05) ? null : this.#own('hubspot')
  }
  #money(most: number): { amount: string; currency: string } {
    return {
      amount: (this.#random() ** 3 * most).toFixed(2),
      currency: this.#chance(0.85) ? 'USD' : pick(this.#random, ['EUR', 'CHF']),
    }
  }

  #identify(id: string, mergedInto: string | null = null): Word {
    const version = (this.#versions.get(id) ?? 0) + 1
    this.#versions.set(id, version)
    const mine = this.#accounts.filter((account) => this.#owner.get(account) === id)
    return tell('customers.identity.changed', says.identity(id, version, mine, mergedInto))
  }
  /** Links an account to a customer; whoever had it, has it no more. */
  #move(): Word[] {
    const account = pick(this.#random, this.#accounts)
    const [from, to] = [this.#owner.get(account), pick(this.#random, this.customers)]
    this.#owner.set(account, to)
    return [...(from && from !== to ? [this.#identify(from)] : []), this.#identify(to)]
  }
  #merge(): Word[] {
    const [from, to] = [pick(this.#random, this.customers), pick(this.#random, this.customers)]
    if (from === to) return []
    for (const account of this.#accounts) if (this.#owner.get(account) === from) this.#owner.set(account, to)
    return [this.#identify(from, to), this.#identify(to)]
  }
  /** Takes a customer apart: half of its accounts are another's, which may have been merged before. */
  #split(): Word[] {
    const [from, to] = [pick(this.#random, this.customers), pick(this.#random, this.customers)]
    const mine = this.#accounts.filter((account) => this.#owner.get(account) === from)
    if (from === to || mine.length < 2) return []
    for (const account of mine) if (this.#chance(0.5)) this.#owner.set(account, to)
    return [this.#identify(from), this.#identify(to)]
  }

  readonly #records: (() => Word)[] = [
    () => {
      const company = this.#own('hubspot')
      return tell('customers.company.changed', {
        ...says.company(company, {
          domain: this.#chance(0.5) ? `${company}.example` : null,
          industry: pick(this.#random, ['software', 'industry', null]),
          lifecycleStage: pick(this.#random, STAGES),
          annualRevenue: this.#chance(0.5) ? this.#money(1e7) : null,
          employees: this.#chance(0.5) ? this.#number(900) : null,
          lastActivityAt: this.#chance(0.9) ? this.#moment(250) : null,
          deleted: this.#chance(0.04),
        }),
        ...this.#seen(),
      })
    },
    () =>
      tell('customers.contact.changed', {
        ...says.contact(this.#record('contact', 3), this.#company(), 0, this.#chance(0.06)),
        lastActivityAt: this.#moment(300),
        ...(this.#chance(0.5)
          ? {
              noticed: [
                {
                  signal: pick(this.#random, ['MAIL_OPENED', 'MEETING', 'CONTACTED']),
                  count: this.#number(9),
                  at: this.#moment(90, 0),
                },
              ],
            }
          : {}),
        ...this.#seen(),
      }),
    () =>
      this.#chance(0.05)
        ? tell('customers.person.erased', {
            erasureId: this.#record('erasure', 99),
            contactIds: [this.#record('contact', 3)],
          })
        : tell('customers.note.changed', {
            ...{ noteId: this.#record('note', 4), customerId: null, companyId: this.#company() },
            ...{ notedAt: this.#moment(200), ...this.#seen(), deleted: this.#chance(0.05) },
          }),
    () => {
      const isOpen = this.#chance(0.4)
      return tell('customers.deal.changed', {
        ...says.deal(this.#record('deal', 3), this.#company(), '0', this.#chance(0.05)),
        amount: this.#chance(0.9) ? this.#money(90_000) : null,
        ...{ isOpen, isWon: isOpen ? null : this.#chance(0.6) },
        stage: pick(this.#random, ['qualifiedtobuy', 'contractsent', 'presentationscheduled']),
        createdAt: this.#moment(500, 0),
        closeDate: this.#chance(0.9) ? this.#moment(400) : null,
        ...this.#seen(),
      })
    },
    () => {
      const isOpen = this.#chance(0.5)
      return tell('customers.ticket.changed', {
        ...says.ticket(this.#record('ticket', 3), this.#company(), isOpen, this.#chance(0.05)),
        priority: pick(this.#random, ['LOW', 'MEDIUM', 'HIGH', 'URGENT', null]),
        createdAt: this.#moment(120),
        closedAt: isOpen ? null : this.#moment(60),
        ...this.#seen(),
      })
    },
    () =>
      tell('customers.task.changed', {
        ...{
          taskId: this.#record('task', 2),
          customerId: null,
          companyId: this.#company(),
          status: 'NOT_STARTED',
        },
        ...{
          isOpen: this.#chance(0.5),
          priority: null,
          dueAt: this.#moment(30, 0.5),
          createdAt: this.#moment(60, 0),
        },
        ...{ ...this.#seen(), deleted: this.#chance(0.05) },
      }),
    () =>
      tell('inventory.rfq.changed', {
        ...says.rfq(
          this.#record('rfq', 4),
          this.#own('c3'),
          pick(this.#random, ['OPEN', 'WON', 'LOST']),
          this.#chance(0.05),
        ),
        status: pick(this.#random, ['OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED']),
        total: this.#chance(0.8) ? this.#money(40_000) : null,
        createdAt: this.#moment(700),
        ...this.#seen(),
      }),
    () => this.#order(),
    () => this.#order(),
    () =>
      tell('inventory.account.changed', {
        ...{
          accountId: this.#own('c3'),
          integrationId: 'c3',
          name: 'A customer',
          deleted: this.#chance(0.03),
        },
        ...{ domain: this.#chance(0.5) ? `${this.#own('c3')}.example` : null, ...this.#seen() },
      }),
    () => {
      const id = this.#record('advice', 0.5)
      const { name, key, version, payload } = advice(id, {
        state: pick(this.#random, ['PROPOSED', 'PROPOSED', 'ACCEPTED', 'REJECTED', 'EXPIRED']),
        severity: pick(this.#random, ['LOW', 'MEDIUM', 'HIGH', null]),
        confidence: this.#number(101),
        observedAt: this.#now.toISOString(),
      })
      return { source: 'inventory', event: { name, key, version, payload } }
    },
    () =>
      tell('telephony.account.changed', {
        ...says.account(
          this.#own('warp'),
          pick(this.#random, ['CURRENT', 'CURRENT', 'PAST_DUE', 'SUSPENDED']),
        ),
        status: pick(this.#random, ['ACTIVE', 'ACTIVE', 'ACTIVE', 'SUSPENDED', 'CHURNED']),
        mrr: { amount: (this.#random() ** 2 * 6000).toFixed(2), currency: 'USD' },
        createdAt: this.#moment(900, 0),
        ...this.#seen(),
      }),
    () =>
      tell('telephony.trunk.changed', {
        ...says.trunk(this.#record('trunk', 2), this.#own('warp'), this.#chance(0.1) ? 'DELETED' : 'ACTIVE'),
        ...this.#seen(),
      }),
    () => this.#day(),
    () => this.#day(),
    () => this.#day(),
    () => {
      const isClosed = this.#chance(0.5)
      return tell(isClosed ? 'telephony.alert.closed' : 'telephony.alert.opened', {
        ...{ alertId: this.#record('alert', 2), ban: this.#own('warp'), trunkId: null },
        measure: pick(this.#random, ['MINUTES', 'ANSWER_RATIO', 'SPEND']),
        severity: pick(this.#random, ['LOW', 'HIGH', 'CRITICAL']),
        ...{ value: `${this.#number(100)}`, bound: '10', limit: null, percent: null, currency: 'USD' },
        ...{ period: 'now', openedAt: this.#moment(40, 0), dueAt: this.#moment(1, 0) },
        ...{ closedAt: isClosed ? this.#moment(20, 0) : null, ...this.#seen() },
      })
    },
    () => {
      const status = pick(this.#random, ['ISSUED', 'PAID', 'OVERDUE', 'VOID'] as const)
      return tell('telephony.invoice.changed', {
        ...{ invoiceId: this.#record('invoice', 3), number: 'F-1', ban: this.#own('warp'), month: '2026-10' },
        ...{
          total: this.#money(5000),
          status,
          issuedAt: this.#moment(90, 0),
          dueOn: this.#moment(60, 0.3).slice(0, 10),
        },
        ...{ paidAt: status === 'PAID' ? this.#moment(30, 0) : null, ...this.#seen() },
      })
    },
  ]
  #order(): Word {
    const orderedAt = this.#moment(700, 0)
    const { currency } = this.#money(1)
    const lines = Array.from({ length: 1 + this.#number(3) }, () => pick(this.#random, PARTS)).map(
      ([category, family, manufacturer]) => ({
        ...{ componentId: `${category} ${family}`, manufacturer, category, family },
        ...{ quantity: 1 + this.#number(500), amount: (this.#random() * 4000).toFixed(2) },
      }),
    )
    const amount = lines.reduce((sum, line) => sum + Number(line.amount), 0).toFixed(2)
    return tell('inventory.order.changed', {
      ...{
        orderId: this.#record('order', 8),
        accountId: this.#own('c3'),
        kind: this.#chance(0.9) ? 'SALE' : 'RETURN',
      },
      ...{ day: orderedAt.slice(0, 10), orderedAt, total: { amount, currency }, lines },
      ...{ ...this.#seen(), deleted: this.#chance(0.04) },
    })
  }
  #day(): Word {
    const day = new Date(this.#moment(this.#chance(0.9) ? 70 : 420, 0.01))
    const [ban, minutes] = [this.#own('warp'), (this.#random() ** 2 * 900).toFixed(2)]
    return tell(
      'telephony.usage.summarised',
      says.usage(ban, day, minutes, Math.round(this.#random() * 100) / 100),
    )
  }

  readonly #acts: (() => Word[])[] = [
    () => this.#move(),
    () => (this.#chance(0.3) ? this.#merge() : this.#split()),
    ...this.#records.map((record) => () => [record()]),
  ]
}
