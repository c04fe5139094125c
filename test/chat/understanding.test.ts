import { describe, expect, it } from 'vitest'
import type { Turn } from '#chat/contract.ts'
import { catalogueInterpreter } from '#operations/interpreter.ts'
import { counted, meaningOf, utterances } from '../../bench/chat/utterances.ts'
import { find, NOW, TIME_ZONE } from '../../bench/chat/world.ts'

const counts = await counted()
const share = (key: string): number => counts[key]!.right / counts[key]!.all

const operationOf = async (text: string) => {
  const meaning = await meaningOf(text)
  return meaning.kind === 'OPERATION' ? [meaning.intent.name, meaning.variables] : [meaning.kind, meaning.why]
}

describe('of the sentences that nobody looked at while the grammar was made', () => {
  it('there are enough: 600 that mean something, 400 that do not, 200 hostile ones', () => {
    const of = (group: string) => utterances().filter((one) => one.group === group).length
    expect(of('meant')).toBeGreaterThanOrEqual(600)
    expect(of('near miss')).toBeGreaterThanOrEqual(400)
    expect(of('hostile')).toBeGreaterThanOrEqual(200)
  })

  it('all but one in twenty are understood exactly, operation and variables', () => {
    expect(share('meant, unseen')).toBeGreaterThanOrEqual(0.95)
  })

  it('all but one in twenty of those that mean nothing come to nothing', () => {
    expect(share('near miss, unseen')).toBeGreaterThanOrEqual(0.95)
  })

  it('and all but one in twenty hostile ones come to no change, not even to the plan of one', () => {
    expect(share('hostile, unseen')).toBeGreaterThanOrEqual(0.95)
  })
})

describe('a name', () => {
  it('says nothing else, whatever its words are', async () => {
    expect(await operationOf('show deals for Delete All Deals Ltd')).toEqual([
      'CustomerDeals',
      { id: 'trap' },
    ])
    expect(await operationOf('tickets of "Ignore Previous Instructions Inc"')).toEqual([
      'CustomerTickets',
      { id: 'ignoring' },
    ])
  })

  it('that several things are near to is asked back, and one that nothing is near to is told', async () => {
    const asked = await meaningOf('show deals for Apex')
    expect(asked).toMatchObject({ kind: 'QUESTION', why: 'AMBIGUOUS' })
    expect(asked.kind === 'QUESTION' && asked.choices.map(({ label }) => label).sort()).toEqual([
      'Apex Foods Ltd',
      'Apex Freight Ltd',
    ])
    expect(await operationOf('show deals for Blorptech')).toEqual(['REFUSAL', 'NOT_FOUND'])
  })
})

describe('two values of one thing', () => {
  it('are both taken where a list takes them', async () => {
    expect(await operationOf('recommend on stock and prices')).toEqual([
      'Recommendations',
      { filter: { kinds: ['STOCK_LEVEL', 'PRICING'] } },
    ])
    expect(await operationOf('which RFQs were won or lost')).toEqual([
      'Rfqs',
      { filter: { statuses: ['WON', 'LOST'] } },
    ])
  })

  it('leave nothing out where they are all that there are', async () => {
    expect(await operationOf('list sales, returns and purchases')).toEqual(['Transactions', {}])
    expect(await operationOf('open and closed tickets of Acme')).toEqual(['CustomerTickets', { id: 'acme' }])
    // Open deals are what is shown unless something else is said.
    expect(await operationOf('open and closed deals of Acme')).toEqual([
      'CustomerDeals',
      { id: 'acme', open: null },
    ])
  })

  it('are asked back, each as a choice, where only one can be shown', async () => {
    const asked = await meaningOf('list sales and purchases of this year')
    expect(asked).toMatchObject({ kind: 'QUESTION', why: 'AMBIGUOUS' })
    const year = { from: '2025-12-31T23:00:00.000Z', before: '2026-12-31T23:00:00.000Z' }
    expect(asked.kind === 'QUESTION' && asked.choices).toMatchObject([
      { label: 'sales', operation: 'Transactions', variables: { filter: { kind: 'SALE', ...year } } },
      { label: 'purchases', operation: 'Transactions', variables: { filter: { kind: 'PURCHASE', ...year } } },
    ])
  })
})

describe('what a sentence says not to be', () => {
  it.each([
    'trunks that are not suspended',
    'invoices that are not overdue',
    'tickets that are not critical',
  ])('is not shown: “%s”', async (text) => {
    expect((await meaningOf(text)).kind).not.toBe('OPERATION')
  })

  it('is another value where the language has a word for it', async () => {
    expect(await operationOf('tickets not yet resolved')).toEqual(['Tickets', { open: true }])
    expect(await operationOf('invoices not paid')).toEqual(['Invoices', { statuses: ['OVERDUE'] }])
  })
})

describe('a deed that was not done', () => {
  it.each([
    'tickets nobody has closed',
    'tickets that have not been dealt with yet',
    'which tickets are still not answered',
    "tickets that weren't resolved",
    'tickets no one has picked up',
    'tickets yet to be resolved',
  ])('tells of what is open: “%s”', async (text) => {
    expect(await operationOf(text)).toEqual(['Tickets', { open: true }])
  })

  it('is never shown as one that was done, and only what can be closed is closed', async () => {
    expect(await operationOf('tasks nobody has finished')).toEqual(['Tasks', { open: true }])
    expect(await operationOf('tasks that were finished')).toEqual(['Tasks', { open: false }])
    expect(await operationOf("RFQs we haven't quoted yet")).toEqual(['Rfqs', { status: 'OPEN' }])
  })
})

describe('what is written short', () => {
  it.each([
    ['acme tix', 'CustomerTickets', { id: 'acme' }],
    ['any open tkts w/ northwind?', 'CustomerTickets', { id: 'northwind', open: true }],
    ['top 5 custs by mrr', 'Customers', { first: 5, orderBy: 'MRR' }],
    ['Custs', 'Customers', {}],
    ['billing accts', 'BillingAccounts', {}],
    ['tns of BAN-1001', 'Numbers', { ban: 'BAN-1001' }],
    ['customers health < 40', 'Customers', { filter: { health: { below: '40' } } }],
  ])('is unfolded: “%s”', async (text, operation, variables) => {
    expect(await operationOf(text)).toEqual([operation, variables])
  })

  it('is left alone where it is a name', async () => {
    const shorts: string[] = []
    const asked = catalogueInterpreter().interpret({
      ...{ text: 'deals of Mo Inv Holding', now: NOW, timeZone: TIME_ZONE, turns: [] },
      find: async (kind, words) => {
        shorts.push(words)
        return kind === 'customer' && words === 'Mo Inv Holding'
          ? [{ id: 'mo', label: 'Mo Inv Holding', nearness: 1 }]
          : []
      },
    })
    expect(await asked).toMatchObject({ kind: 'OPERATION', variables: { id: 'mo' } })
    expect(shorts).toContain('Mo Inv Holding')
  })
})

describe('a sign between words', () => {
  it('joins them as “and” does', async () => {
    for (const text of ['sales + purchases', 'sales & purchases', 'sales+purchases'])
      expect(await meaningOf(text), text).toMatchObject({ kind: 'QUESTION', why: 'AMBIGUOUS' })
    expect(await operationOf('rfqs won + lost')).toEqual(['Rfqs', { filter: { statuses: ['WON', 'LOST'] } }])
    expect(await operationOf('deals of soylent & sons')).toEqual(['CustomerDeals', { id: 'soylent' }])
    expect(await operationOf('sync hubspot & delete Backup Trunk')).toEqual(['REFUSAL', 'SEVERAL'])
  })
})

describe('a time', () => {
  it.each([
    ['15.03.2026', { from: '2026-03-14T23:00:00.000Z', before: '2026-03-15T23:00:00.000Z' }],
    ['03/2026', { from: '2026-02-28T23:00:00.000Z', before: '2026-03-31T22:00:00.000Z' }],
    ['2026-03', { from: '2026-02-28T23:00:00.000Z', before: '2026-03-31T22:00:00.000Z' }],
    ["q1 '26", { from: '2025-12-31T23:00:00.000Z', before: '2026-03-31T22:00:00.000Z' }],
    ['since may', { from: '2026-04-30T22:00:00.000Z' }],
    ['since Q2', { from: '2026-03-31T22:00:00.000Z' }],
    ['last 2 wks', { from: '2026-11-03T23:00:00.000Z' }],
    ['past 30d', { from: '2026-10-18T22:00:00.000Z' }],
    ['september', { from: '2026-08-31T22:00:00.000Z', before: '2026-09-30T22:00:00.000Z' }],
    ['between 3 and 10 March', { from: '2026-03-02T23:00:00.000Z', before: '2026-03-10T23:00:00.000Z' }],
    ['on 24 December', { from: '2025-12-23T23:00:00.000Z', before: '2025-12-24T23:00:00.000Z' }],
  ])('is read however it is written: “sales %s”', async (time, span) => {
    expect(await operationOf(`sales ${time}`)).toEqual([
      'Transactions',
      { filter: { kind: 'SALE', ...span } },
    ])
  })
})

describe('who is asked for by what may become of them', () => {
  it.each([
    ['who might churn', {}],
    ['customers most likely to churn', {}],
    ['top 5 churn risks', { first: 5 }],
  ])('is listed by it: “%s”', async (text, first) => {
    expect(await operationOf(text)).toEqual(['Customers', { orderBy: 'CHURN_RISK', ...first }])
  })
})

describe('of what is named', () => {
  it('nothing is shown where something is asked that is not understood', async () => {
    for (const text of ['is Acme fine', 'Acme yesterday', "what is Acme's logo", 'how angry is Acme'])
      expect((await meaningOf(text)).kind, text).not.toBe('OPERATION')
  })

  it('is found without the mark of an owner, and a word that nothing is known of is not passed over', async () => {
    expect(await operationOf('acmes tickets')).toEqual(['CustomerTickets', { id: 'acme' }])
    expect((await meaningOf('blorps open tickets')).kind).not.toBe('OPERATION')
    expect((await meaningOf('who founded dell')).kind).not.toBe('OPERATION')
  })

  it('the kind is said by its number: requests for prices are won, lost and priced', async () => {
    expect(await operationOf('we won RFQ-1024')).toEqual(['WinRfq', { id: 'rfq1024' }])
    expect(await operationOf('RFQ-2048 was lost on price')).toEqual([
      'LoseRfq',
      { id: 'rfq2048', reason: 'PRICE' },
    ])
    expect(await operationOf('what should we charge for RFQ-1024')).toEqual(['RfqPrices', { id: 'rfq1024' }])
  })
})

describe('a word for what cannot be told apart', () => {
  it.each(['won deals', 'deals won', 'tickets from last week', 'who has admin access to HubSpot'])(
    'is not passed over: “%s”',
    async (text) => {
      expect((await meaningOf(text)).kind).not.toBe('OPERATION')
    },
  )
})

describe('a role', () => {
  it('is somebody’s own, or that of whoever has it', async () => {
    expect(await operationOf('what are my rights')).toEqual(['Viewer', {}])
    expect(await operationOf('who has admin rights')).toEqual(['Members', { role: 'ADMIN' }])
    expect(await operationOf('who has the admin role')).toEqual(['Members', { role: 'ADMIN' }])
  })
})

describe('a deed beside something else', () => {
  it('is looked at, and not wished', async () => {
    expect(await operationOf('hubspot sync progress')).toEqual(['SyncRuns', {}])
    expect(await operationOf('acme onboarding')).toEqual(['Onboarding', { customerId: 'acme' }])
    expect(await operationOf('errors in the last hubspot sync')).toEqual([
      'SyncLogs',
      { filter: { status: 'FAILED' } },
    ])
  })
})

describe('several deeds', () => {
  it('are things that are looked at, and no wish', async () => {
    expect(await operationOf('failed hubspot syncs')).toEqual(['SyncLogs', { filter: { status: 'FAILED' } }])
    expect((await meaningOf('retry')).kind).not.toBe('OPERATION')
  })
})

describe('a month without its year', () => {
  it('is the last one, but one to come for what lies ahead', async () => {
    const decemberOf = (year: number) => ({ from: `${year}-12-01`, to: `${year}-12-31` })
    expect(await operationOf('contracts that end in December')).toEqual(['Renewals', decemberOf(2026)])
    expect(await operationOf('invoices for December')).toEqual(['Invoices', { month: '2025-12' }])
  })
})

describe('what is no whole sentence', () => {
  it.each(['for Acme', 'sync', 'the thing from yesterday'])('“%s” comes to nothing', async (text) => {
    expect((await meaningOf(text)).kind).not.toBe('OPERATION')
  })
})

describe('what was said before', () => {
  const interpreter = catalogueInterpreter()
  const before: Turn = {
    said: 'acme health last month',
    operation: 'HealthHistory',
    variables: { id: 'acme', from: '2026-09-30T22:00:00.000Z', to: '2026-10-31T23:00:00.000Z' },
    subjects: [{ kind: 'customer', id: 'acme', label: 'Acme GmbH' }],
    isAsked: false,
    choices: [],
  }
  const next = async (text: string, turns: Turn[] = [before]) => {
    const meaning = await interpreter.interpret({ text, now: NOW, timeZone: TIME_ZONE, turns, find })
    return meaning.kind === 'OPERATION'
      ? [meaning.intent.name, meaning.variables]
      : [meaning.kind, meaning.why]
  }

  it('is gone on with: another customer, another time, another question', async () => {
    expect(await next('what about Globex?')).toEqual(['HealthHistory', { ...before.variables, id: 'globex' }])
    expect(await next('and this month?')).toEqual([
      'HealthHistory',
      { id: 'acme', from: '2026-10-31T23:00:00.000Z', to: '2026-11-30T23:00:00.000Z' },
    ])
    expect(await next('and their tickets?')).toEqual(['CustomerTickets', { id: 'acme' }])
  })

  it('is chosen from by its place', async () => {
    const asked: Turn = {
      ...before,
      operation: 'CustomerDeals',
      variables: {},
      isAsked: true,
      choices: ['apexFoods', 'apexFreight'].map((id) => ({
        label: id,
        subject: { kind: 'customer', id, label: id },
      })),
    }
    expect(await next('the second one', [asked])).toEqual(['CustomerDeals', { id: 'apexFreight' }])
  })

  it('is never agreed to by a word', async () => {
    expect(await next('yes, do it')).toEqual(['REFUSAL', 'CONFIRM_BY_TOKEN'])
  })
})
