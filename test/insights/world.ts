import type { LoggedEvent } from '#events/log.ts'
import { systemClock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { type EventName, type EventPayload, event } from '#schema/events.ts'
import { readDays, readFacts } from '#subgraphs/insights/commands/read-facts.ts'
import type { Health } from '#subgraphs/insights/domain/health.ts'
import { HEALTH_SETTINGS } from '#subgraphs/insights/domain/health-settings.ts'
import type { Series } from '#subgraphs/insights/domain/signal.ts'
import { ago, dayOf, healthOf, NOW, pick } from './facts.ts'

export type System = 'HUBSPOT' | 'C3' | 'WARP'
type Account = `${System}:${string}`
export type Told = { source: 'customers' | 'inventory' | 'telephony'; event: LoggedEvent }

const seen = { observedAt: ago(1).toISOString(), deleted: false }
/** Payloads with everything they need and nothing that matters to a score, unless said. */
export const says = {
  company: (
    companyId: string,
    more: Partial<EventPayload<'customers.company.changed'>> = {},
  ): EventPayload<'customers.company.changed'> => ({
    customerId: 'anybody',
    integrationId: 'portal',
    companyId,
    name: 'A company',
    domain: null,
    industry: null,
    lifecycleStage: 'customer',
    ownerId: null,
    annualRevenue: null,
    creditLimit: null,
    lastActivityAt: ago(3).toISOString(),
    changed: [],
    ...seen,
    ...more,
  }),
  contact: (contactId: string, companyId: string | null, days = 5, deleted = false) => ({
    contactId,
    customerId: null,
    companyId,
    lastActivityAt: ago(days).toISOString(),
    ...seen,
    deleted,
  }),
  deal: (dealId: string, companyId: string | null, amount = '5000', deleted = false) => ({
    dealId,
    customerId: null,
    companyId,
    pipeline: 'p',
    stage: 's',
    previousStage: null,
    amount: { amount, currency: 'USD' },
    isOpen: false,
    isWon: true,
    createdAt: ago(40).toISOString(),
    closeDate: ago(20).toISOString(),
    ...seen,
    deleted,
  }),
  ticket: (ticketId: string, companyId: string | null, isOpen = true, deleted = false) => ({
    ticketId,
    customerId: null,
    companyId,
    isOpen,
    priority: 'HIGH',
    createdAt: ago(9).toISOString(),
    closedAt: isOpen ? null : ago(8).toISOString(),
    ...seen,
    deleted,
  }),
  rfq: (rfqId: string, accountId: string, status: 'OPEN' | 'WON' | 'LOST' = 'WON', deleted = false) => ({
    rfqId,
    accountId,
    number: `RFQ-${rfqId}`,
    c3RfqId: rfqId,
    status,
    previousStatus: null,
    total: null,
    createdAt: ago(12).toISOString(),
    ...seen,
    deleted,
  }),
  account: (ban: string, paymentStatus: 'CURRENT' | 'PAST_DUE' | 'SUSPENDED' = 'CURRENT', mrr = '900') => ({
    ban,
    name: 'An account',
    domain: null,
    status: 'ACTIVE' as const,
    tier: 'GROWTH' as const,
    mrr: { amount: mrr, currency: 'USD' },
    creditLimit: { amount: '1000', currency: 'USD' },
    paymentStatus,
    contractEnd: null,
    createdAt: ago(500).toISOString(),
    observedAt: seen.observedAt,
  }),
  usage: (ban: string, day: Date, minutes = '60', asr = 0.9): EventPayload<'telephony.usage.summarised'> => ({
    ...{ ban, day: day.toISOString().slice(0, 10), calls: 40, completedCalls: 30, minutes, messages: 0 },
    ...{ spend: null, asr, acd: 90, monthToDate: { minutes, spend: null }, observedAt: day.toISOString() },
  }),
  invoice: (
    invoiceId: string,
    ban: string,
    status: 'ISSUED' | 'PAID' | 'OVERDUE' | 'VOID' = 'ISSUED',
    dueDaysAgo = 3,
  ): EventPayload<'telephony.invoice.changed'> => ({
    ...{ invoiceId, number: invoiceId, ban, month: '2026-10', status },
    total: { amount: '500.00', currency: 'USD' },
    issuedAt: ago(dueDaysAgo + 14).toISOString(),
    dueOn: dayOf(ago(dueDaysAgo)),
    paidAt: status === 'PAID' ? ago(1).toISOString() : null,
    observedAt: seen.observedAt,
  }),
  trunk: (trunkId: string, ban: string, status: 'ACTIVE' | 'DELETED' = 'ACTIVE') => ({
    trunkId,
    ban,
    name: 'A trunk',
    status,
    concurrentCalls: 10,
    monthlyMinutes: 1000,
    observedAt: seen.observedAt,
  }),
  identity: (
    customerId: string,
    identityVersion: number,
    accounts: readonly string[],
    mergedInto: string | null = null,
  ) => ({
    customerId,
    identityVersion,
    mergedInto,
    accounts: accounts.map((account) => {
      const [system, accountId] = account.split(':') as [System, string]
      return { system, accountId, integrationId: null }
    }),
  }),
}

/** The siblings' logs of one organisation, as far as they were told, and what must come of them. */
export class World {
  readonly told: Told[] = []
  readonly orgId = newId(systemClock)
  readonly #pos = { customers: 0, inventory: 0, telephony: 0 }

  tell<N extends EventName>(name: N, payload: EventPayload<N>): Told {
    const source = name.split('.')[0] as Told['source']
    const { version, key } = event(name, 'key', payload)
    const pos = ++this.#pos[source]
    const told: Told = {
      source,
      event: { pos, orgId: this.orgId, key, name, version, payload, occurredAt: NOW },
    }
    this.told.push(told)
    return told
  }

  /** All customers computed from nothing at one moment, by reading the logs once from their beginnings. */
  recomputed(asOf: Date): Map<string, Health> {
    const facts = new Map<string, ReturnType<typeof readFacts>[number]>()
    const identities = new Map<string, EventPayload<'customers.identity.changed'>>()
    for (const { event } of this.told)
      if (event.name === 'customers.identity.changed') {
        const identity = event.payload as EventPayload<'customers.identity.changed'>
        identities.set(identity.customerId, identity)
      } else
        for (const fact of readFacts(event)) facts.set(`${fact.system} ${fact.kind} ${fact.recordId}`, fact)
    const signals = [...facts.values()].flatMap(({ signal }) => (signal ? [signal] : []))
    const series = this.#series()
    return new Map(
      [...identities.values()]
        .filter((identity) => identity.mergedInto === null && identity.accounts.length > 0)
        .map(({ customerId, accounts }) => {
          const isMine = (of: { accountSystem: string; accountId: string }) =>
            accounts.some((a) => a.system === of.accountSystem && a.accountId === of.accountId)
          const its = [signals.filter(isMine), asOf, HEALTH_SETTINGS, series.filter(isMine)] as const
          return [customerId, healthOf(...its)]
        }),
    )
  }

  /** What was told day by day, of each day the last word. */
  #series(): Series[] {
    const said = this.told.flatMap(({ event }) => readDays(event))
    const byAccount = Map.groupBy(said, ({ accountId, kind }) => `${accountId} ${kind}`)
    return [...byAccount.values()].map((list) => {
      const { day: _, amount: __, observedAt: ___, ...about } = list[0]!
      const amounts = new Map(list.map(({ day, amount }) => [day, amount]))
      const days = [...amounts].flatMap(([day, amount]) => (amount === null ? [] : [{ day, amount }]))
      return { ...about, days: days.sort((a, b) => (a.day < b.day ? -1 : 1)) }
    })
  }

  /** Lets this and that happen: records come, change, move and go; accounts are linked, split and merged. */
  live(random: () => number, steps: number): this {
    const accounts: Account[] = (['HUBSPOT', 'C3', 'WARP'] as const).flatMap((system) =>
      Array.from({ length: 12 }, (_, i): Account => `${system}:${system.toLowerCase()}-${i}`),
    )
    const owner = new Map<Account, string>()
    const versions = new Map<string, number>()
    const customers = Array.from({ length: 20 }, (_, i) => `customer-${i}`)
    const identify = (id: string, mergedInto: string | null = null) => {
      versions.set(id, (versions.get(id) ?? 0) + 1)
      const mine = accounts.filter((account) => owner.get(account) === id)
      this.tell('customers.identity.changed', says.identity(id, versions.get(id)!, mine, mergedInto))
    }
    const move = () => {
      const account = pick(random, accounts)
      const [from, to] = [owner.get(account), pick(random, customers)]
      owner.set(account, to)
      if (from && from !== to) identify(from)
      identify(to)
    }
    const merge = () => {
      const [from, to] = [pick(random, customers), pick(random, customers)]
      if (from === to) return
      for (const account of accounts) if (owner.get(account) === from) owner.set(account, to)
      identify(from, to)
      identify(to)
    }
    const id = (system: string) => `${system}-${Math.floor(random() * 12)}`
    const company = () => (random() < 0.1 ? null : id('hubspot'))
    const gone = () => random() < 0.2
    const acts: (() => void)[] = [
      move,
      move,
      merge,
      () =>
        this.tell(
          'customers.company.changed',
          says.company(id('hubspot'), {
            lifecycleStage: pick(random, ['lead', 'customer', null]),
            deleted: gone(),
          }),
        ),
      () =>
        this.tell(
          'customers.contact.changed',
          says.contact(id('contact'), company(), random() * 200, gone()),
        ),
      () =>
        this.tell(
          'customers.deal.changed',
          says.deal(id('deal'), company(), (random() * 9e4).toFixed(2), gone()),
        ),
      () =>
        this.tell('customers.ticket.changed', says.ticket(id('ticket'), company(), random() < 0.5, gone())),
      () =>
        this.tell(
          'inventory.rfq.changed',
          says.rfq(id('rfq'), id('c3'), pick(random, ['OPEN', 'WON', 'LOST']), gone()),
        ),
      () =>
        this.tell(
          'telephony.account.changed',
          says.account(id('warp'), pick(random, ['CURRENT', 'PAST_DUE']), (random() * 5000).toFixed(2)),
        ),
      () =>
        this.tell(
          'telephony.trunk.changed',
          says.trunk(id('trunk'), id('warp'), gone() ? 'DELETED' : 'ACTIVE'),
        ),
      () =>
        this.tell(
          'telephony.invoice.changed',
          says.invoice(
            id('invoice'),
            id('warp'),
            pick(random, ['ISSUED', 'PAID', 'OVERDUE', 'VOID']),
            Math.floor(random() * 40) - 10,
          ),
        ),
      // A month of an account's days, more or less talk in each week.
      () => {
        const [ban, from] = [id('warp'), 1 + Math.floor(random() * 40)]
        for (let day = from; day < from + 28; day++)
          if (random() < 0.8)
            this.tell(
              'telephony.usage.summarised',
              says.usage(ban, ago(day), String(Math.floor(random() * 90)), Math.round(random() * 100) / 100),
            )
      },
    ]
    for (let step = 0; step < steps; step++) pick(random, acts)()
    return this
  }
}
