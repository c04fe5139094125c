import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { markOverdueInvoices } from '#subgraphs/telephony/commands/mark-overdue.ts'
import { recordPayment } from '#subgraphs/telephony/commands/settle-invoice.ts'
import type { Context } from '#subgraphs/telephony/context.ts'
import type { Rows } from '#subgraphs/telephony/store/transaction.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { flat, PLAIN, type RatingBed, ratingBed } from './bed.ts'
import { tenThousandths } from './made-up.ts'

const clock = new TestClock('2026-10-05T12:00:00Z')
const CHANGED = 'telephony.invoice.changed'
const ACCOUNT = 'telephony.account.changed'
let bed: RatingBed
let [a, b] = ['', '']
beforeAll(async () => {
  bed = await ratingBed(clock)
  ;[a, b] = bed.accounts.map(({ ban }) => ban) as [string, string]
  const pooled = {
    ...PLAIN,
    includedMinutes: 10,
    includedClasses: ['LOCAL' as const],
    messagePrices: flat('0.005'),
  }
  await bed.setPlan(a, await bed.makePlan(pooled), '2026-10')
  await bed.setPlan(b, await bed.makePlan(PLAIN), '2026-11')
  for (const number of ['+13035550101', '+13035550102'])
    await bed.ask(
      `mutation ($ban: ID!, $number: String!) { createPhoneNumber(ban: $ban, input: { number: $number, monthlyCost: "1.25" }) { __typename } }`,
      { ban: a, number },
    )
  clock.set('2026-10-31T23:30:00Z')
  // The last second of October in Berlin, and the first of November.
  await bed.use(0, '2026-10-31T22:59:59Z', { calls: [900], messages: 3 })
  await bed.use(0, '2026-10-31T23:00:00Z', { calls: [60], class: 'MOBILE' })
  await bed.told(ACCOUNT)
})
afterAll(() => bed[Symbol.asyncDispose]())

const FIELDS = `id number month status total { amount currency } dueOn paidOn voidReason
  lines { kind class numberType ofMonth quantity included amount { amount } }`
const invoicesOf = async (ban: string) =>
  (
    await bed.ask(`query ($ban: ID!) { billingAccount(ban: $ban) { invoices { nodes { ${FIELDS} } } } }`, {
      ban,
    })
  ).invoices.nodes
const accountOf = (ban: string) =>
  bed.ask('query ($ban: ID!) { billingAccount(ban: $ban) { paymentStatus } }', { ban })
const CHANGE =
  '__typename ... on InvoiceChanged { invoice { status paidOn voidReason } } ... on Refusal { code } ... on Invalid { field }'
const pay = (invoiceId: string, paidOn: string) =>
  bed.ask(
    `mutation ($invoiceId: ID!, $paidOn: Date!) { recordPayment(invoiceId: $invoiceId, paidOn: $paidOn) { ${CHANGE} } }`,
    { invoiceId, paidOn },
  )
/** The same through a process of one's own. */
const payThrough = (database: Pick<Rows, 'transaction'>, invoiceId: string, paidOn: string) => {
  const write = (run: never) => database.transaction(DEMO, run)
  const ctx = { orgId: DEMO, principal: principal(), clock, write } as unknown as Context
  return recordPayment(ctx, { invoiceId, paidOn })
}
const takeBack = (invoiceId: string, reason: string) =>
  bed.ask(
    `mutation ($invoiceId: ID!, $reason: String!) { voidInvoice(invoiceId: $invoiceId, reason: $reason) { ${CHANGE} } }`,
    { invoiceId, reason },
  )

describe('a month', () => {
  it('is billed once it can change no more: three days after it ended, by the organisation’s clock', async () => {
    clock.set('2026-11-03T22:45:00Z')
    await bed.closeDays()
    expect(await bed.told(CHANGED)).toEqual([])
    clock.set('2026-11-03T23:15:00Z')
    await bed.twoAtOnce()(bed.closeDays)
    const [invoice, ...others] = await invoicesOf(a)
    expect(others).toEqual([])
    expect(invoice).toEqual({
      ...{ id: expect.any(String), number: `INV-202610-${a}`, month: '2026-10', status: 'ISSUED' },
      // 20 a month, two numbers at 1.25, five minutes beyond the pool at 0.01, three messages at 0.005.
      total: { amount: '22.565', currency: 'USD' },
      ...{ dueOn: '2026-12-04', paidOn: null, voidReason: null },
      lines: [
        {
          kind: 'FEE',
          class: null,
          numberType: null,
          quantity: '1',
          included: '0',
          amount: { amount: '20' },
        },
        {
          kind: 'NUMBERS',
          class: null,
          numberType: 'LOCAL',
          quantity: '2',
          included: '0',
          amount: { amount: '2.5' },
        },
        {
          kind: 'MINUTES',
          class: 'LOCAL',
          numberType: null,
          quantity: '15',
          included: '10',
          amount: { amount: '0.05' },
        },
        {
          kind: 'MESSAGES',
          class: 'LOCAL',
          numberType: null,
          quantity: '3',
          included: '0',
          amount: { amount: '0.015' },
        },
      ].map((line) => ({ ...line, ofMonth: '2026-10' })),
    })
    // The other one was on no plan then.
    expect(await invoicesOf(b)).toEqual([])
    expect(await bed.told(CHANGED)).toEqual([
      {
        ...{ invoiceId: invoice.id, number: invoice.number, ban: a, month: '2026-10', status: 'ISSUED' },
        ...{ total: { amount: '22.5650', currency: 'USD' }, dueOn: '2026-12-04', paidAt: null },
        ...{ issuedAt: '2026-11-03T23:15:00.000Z', observedAt: '2026-11-03T23:15:00.000Z' },
      },
    ])
    expect((await bed.setPlan(a, null, '2026-10')).code).toBe('BILLED_ALREADY')
  })

  it('has what came too late for it on the next invoice, as a line of its own, once', async () => {
    await bed.use(0, '2026-10-20T10:00:00Z', { calls: [600], messages: 2 })
    clock.set('2026-12-06T08:00:00Z')
    await bed.closeDays()
    const [november] = await invoicesOf(a)
    expect(november).toMatchObject({ month: '2026-11', total: { amount: '22.62' } })
    // Of October: ten minutes more at 0.01, and two messages at 0.005. What it costs now, less what was billed for it.
    expect(november.lines).toMatchObject([
      { kind: 'FEE', ofMonth: '2026-11', amount: { amount: '20' } },
      { kind: 'NUMBERS', ofMonth: '2026-11', amount: { amount: '2.5' } },
      { kind: 'MINUTES', ofMonth: '2026-11', class: 'MOBILE', amount: { amount: '0.01' } },
      { kind: 'LATE_USAGE', ofMonth: '2026-10', class: null, amount: { amount: '0.11' } },
    ])
    clock.set('2027-01-05T08:00:00Z')
    await bed.closeDays()
    const [december] = await invoicesOf(a)
    expect(december).toMatchObject({ month: '2026-12', total: { amount: '22.5' } })
    expect(december.lines.map(({ kind }: { kind: string }) => kind)).toEqual(['FEE', 'NUMBERS'])
  })
})

it('goes on with those who are left when it is killed amid a month, and bills nobody twice', async () => {
  await using own = await ratingBed(new TestClock('2026-10-05T12:00:00Z'))
  const accounts = await own.ask(
    `mutation ($accounts: [BillingAccountInput!]!) { importBillingAccounts(accounts: $accounts) { ... on BillingAccountsImported { created } } }`,
    {
      accounts: Array.from({ length: 450 }, (_, n) => ({
        ban: `K-${String(n).padStart(3, '0')}`,
        name: 'Killed',
      })),
    },
  )
  expect(accounts).toEqual({ created: 450 })
  const planId = await own.makePlan(PLAIN)
  await own.database.transaction(DEMO, async (tx) => {
    await sql`insert into telephony.account_rate_plans (org_id, ban, from_month, plan_id, version, set_at)
      select org_id, ban, '2026-10-01', ${planId}::uuid, 1, created_at from telephony.billing_accounts`.execute(
      tx,
    )
  })
  ;(own.clock as TestClock).set('2026-11-04T08:00:00Z')
  const issued = async () => Number((await own.rows('select count(*) as n from telephony.invoices'))[0]!.n)
  /** A process that dies in its nth transaction, having written all of it. */
  const dying = (most: number): Pick<Rows, 'relay' | 'transaction'> => {
    let left = most
    return {
      relay: (run) => own.database.relay(run),
      transaction: (orgId, run, options) =>
        own.database.transaction(
          orgId,
          async (tx) => {
            const done = await run(tx)
            if (--left < 0) throw new Error('killed')
            return done
          },
          options,
        ),
    }
  }
  const counts: number[] = []
  for (let most = 1; most <= 5; most++) {
    await own.closeDays(dying(most))
    const billed = await issued()
    counts.push(billed)
    // A month that is being billed can be changed no more, also of an account whose turn has not come.
    if (billed > 0 && billed < 452)
      expect((await own.setPlan('K-449', null, '2026-10')).code).toBe('BILLED_ALREADY')
  }
  // It did get stuck on the way.
  expect(counts.some((billed) => billed > 0 && billed < 452)).toBe(true)
  await own.closeDays()
  await own.closeDays()
  const rows = await own.rows(
    `select count(*)::integer as invoices, count(distinct ban)::integer as accounts, sum(total)::text as total from telephony.invoices`,
  )
  expect(rows).toEqual([{ invoices: 452, accounts: 452, total: '9040.0000' }])
  expect(await own.told(CHANGED)).toHaveLength(452)
})

describe('an invoice', () => {
  it('is overdue once its day has passed; its account is behind, until all that is overdue is paid', async () => {
    await bed.told(CHANGED)
    await bed.told(ACCOUNT)
    const invoices = await invoicesOf(a)
    const ids = Object.fromEntries(invoices.map((one: { month: string; id: string }) => [one.month, one.id]))
    expect(invoices.map(({ status }: { status: string }) => status)).toEqual(['ISSUED', 'ISSUED', 'OVERDUE'])
    clock.set('2027-01-06T08:00:00Z')
    await bed.closeDays()
    expect((await invoicesOf(a)).map(({ status }: { status: string }) => status)).toEqual([
      'ISSUED',
      'OVERDUE',
      'OVERDUE',
    ])
    const overdue = (await bed.told(CHANGED)).filter(({ ban }) => ban === a)
    expect(overdue).toMatchObject([{ invoiceId: ids['2026-11'], status: 'OVERDUE' }])
    // The other one fell behind that day; this one was already.
    expect(await bed.told(ACCOUNT)).toMatchObject([{ ban: b, paymentStatus: 'PAST_DUE' }])
    expect(await accountOf(a)).toEqual({ paymentStatus: 'PAST_DUE' })
    expect((await pay(ids['2026-10'], '2027-02-01')).field).toBe('paidOn')
    // Both at once: the later one sees that nothing is left.
    const left = [ids['2026-10'], ids['2026-11']]
    const paidOn = ['2027-01-05', '2027-01-06']
    let next = 0
    const answers = await bed.twoAtOnce()((database) => {
      const n = next++
      return payThrough(database, left[n]!, paidOn[n]!)
    })
    expect(answers).toMatchObject([{ invoice: { status: 'PAID' } }, { invoice: { status: 'PAID' } }])
    expect(await accountOf(a)).toEqual({ paymentStatus: 'CURRENT' })
    expect(await bed.told(ACCOUNT)).toMatchObject([{ ban: a, paymentStatus: 'CURRENT' }])
    const told = await bed.told(CHANGED)
    expect(told.map(({ status }) => status)).toEqual(['PAID', 'PAID'])
    expect(told.find(({ invoiceId }) => invoiceId === ids['2026-10']).paidAt).toBe('2027-01-04T23:00:00.000Z')
  })

  it('is paid or taken back once, by whoever comes first, and stays so', async () => {
    const [{ id }] = await invoicesOf(a)
    expect((await takeBack(id, ' ')).field).toBe('reason')
    const answers = await Promise.all([
      takeBack(id, 'Billed by mistake'),
      takeBack(id, 'Billed by mistake'),
      pay(id, '2027-01-06'),
    ])
    expect(answers.filter(({ __typename }) => __typename === 'InvoiceChanged')).toHaveLength(1)
    expect((await bed.told(CHANGED)).length).toBe(1)
    const [{ status }] = await invoicesOf(a)
    expect((await takeBack(id, 'Again')).code).toBe(`INVOICE_${status}`)
    const paid = (await invoicesOf(a)).find(({ month }: { month: string }) => month === '2026-10').id
    expect((await takeBack(paid, 'Too late')).code).toBe('INVOICE_PAID')
    expect((await pay(paid, '2027-01-05')).code).toBe('INVOICE_PAID')
  })

  it('is nobody else’s to see or to pay', async () => {
    const [{ id }] = await invoicesOf(a)
    const strange = principal(EMPTY)
    expect(await bed.ask('query ($id: ID!) { invoice(id: $id) { id } }', { id }, strange)).toBeNull()
    expect(await bed.ask('{ invoices { nodes { id } } }', {}, strange)).toEqual({ nodes: [] })
    expect(
      await bed.ask(
        'mutation ($id: ID!) { recordPayment(invoiceId: $id, paidOn: "2027-01-01") { ... on Refusal { code } } }',
        { id },
        strange,
      ),
    ).toEqual({ code: 'NOT_FOUND' })
  })

  it('is listed newest month first, page after page, by account, state and month', async () => {
    const list = (filter: object, first = 50, after?: string) =>
      bed.ask(
        `query ($filter: InvoiceFilter, $first: Int!, $after: Cursor) { invoices(filter: $filter, first: $first, after: $after) {
          nodes { month account { ban } status total { amount } lines { amount { amount } } } pageInfo { endCursor hasNextPage } } }`,
        { filter, first, ...(after ? { after } : {}) },
      )
    const { nodes } = await list({})
    expect(nodes).toHaveLength(5)
    for (const { total, lines } of nodes)
      expect(
        lines.reduce(
          (sum: bigint, { amount }: { amount: { amount: string } }) => sum + tenThousandths(amount.amount),
          0n,
        ),
      ).toBe(tenThousandths(total.amount))
    const paged: object[] = []
    for (let after: string | undefined; ; ) {
      const page = await list({}, 2, after)
      paged.push(...page.nodes)
      if (!page.pageInfo.hasNextPage) break
      after = page.pageInfo.endCursor
    }
    expect(paged).toEqual(nodes)
    expect((await list({ ban: b })).nodes.map(({ month }: { month: string }) => month)).toEqual([
      '2026-12',
      '2026-11',
    ])
    expect((await list({ month: '2026-10', statuses: ['PAID'] })).nodes).toHaveLength(1)
    await expect(list({ month: 'October' })).rejects.toThrow('BAD_INPUT')
  })
})

it('leaves an account behind whose last overdue invoice is paid while another one becomes overdue', async () => {
  // December's invoice is due on the fourth of February; November's is overdue.
  clock.set('2027-02-05T08:00:00Z')
  const states = async () =>
    (await invoicesOf(b)).map(({ month, status }: Record<string, string>) => [month, status])
  expect(await states()).toEqual([
    ['2026-12', 'ISSUED'],
    ['2026-11', 'OVERDUE'],
  ])
  const [, last] = await invoicesOf(b)
  expect(await accountOf(b)).toEqual({ paymentStatus: 'PAST_DUE' })
  const isNight = [true, false]
  const [, paid] = await bed.twoAtOnce()<unknown>((database) =>
    isNight.shift()
      ? database.transaction(DEMO, (tx) => markOverdueInvoices(tx, { orgId: DEMO, clock }))
      : payThrough(database, last.id, '2027-02-05'),
  )
  expect(paid).toMatchObject({ invoice: { status: 'PAID' } })
  expect(await states()).toEqual([
    ['2026-12', 'OVERDUE'],
    ['2026-11', 'PAID'],
  ])
  expect(await accountOf(b)).toEqual({ paymentStatus: 'PAST_DUE' })
})
