import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { shareOutCredit } from '#subgraphs/telephony/commands/share-out-credit.ts'
import { allowance, callsOf, FIRST_RULE } from '#subgraphs/telephony/domain/credit.ts'
import { startSharing } from '#subgraphs/telephony/jobs/share-out-credit.ts'
import { silentLog } from '#test/kit/log.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { belong, type EstatesBed, estatesBed, owes } from './estates-bed.ts'

const clock = new TestClock('2026-11-01T12:00:00Z')
let bed: EstatesBed
beforeAll(async () => {
  bed = await estatesBed({ processes: 2, clock })
})
afterAll(() => bed[Symbol.asyncDispose]())

const allowed = async (ban: string): Promise<number[]> =>
  (await bed.account(ban)).trunks.nodes.map(({ allowedCalls }: { allowedCalls: number }) => allowedCalls)
const limit = async (ban: string) => (await bed.account(ban)).creditLimit.amount

it('is enough for as many calls as go into the limit, to the last hundredth of a cent', () => {
  const credit = (creditLimit: string, more: object = {}) => ({
    ...{ creditLimit, hasCreditLimit: true, currency: 'USD' },
    ...more,
  })
  const rule = (perCall: string | null) => ({ ...FIRST_RULE, perCall })
  expect(callsOf(credit('500'), rule('10'))).toBe(50n)
  expect(callsOf(credit('499.9999'), rule('10'))).toBe(49n)
  expect(callsOf(credit('0.3'), rule('0.1'))).toBe(3n)
  expect(callsOf(credit('999999999999.9999'), rule('0.0001'))).toBe(9_999_999_999_999_999n)
  expect(callsOf(credit('0'), rule('10'))).toBe(0n)
  expect(callsOf(credit('0', { hasCreditLimit: false }), rule('10'))).toBeNull()
  expect(callsOf(credit('500', { currency: 'EUR' }), rule('10'))).toBeNull()
  expect(callsOf(credit('500'), rule(null))).toBeNull()
})

it('shares out just as many calls as there are, at least one and at most the order each, whatever the order of the trunks; a higher limit takes none away', () => {
  // A linear congruential generator (Numerical Recipes): chance that is the same each time.
  let state = 11
  const chance = (most: number) => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return Math.floor((state / 2 ** 32) * most)
  }
  for (let round = 0; round < 100; round++) {
    const trunks = Array.from({ length: 1 + chance(7) }, (_, n) => ({
      id: `t${n}`,
      concurrentCalls: 1 + chance(round % 3 === 0 ? 4 : 90),
    }))
    const ordered = trunks.reduce((sum, { concurrentCalls }) => sum + concurrentCalls, 0)
    const whole = Object.fromEntries(trunks.map(({ id, concurrentCalls }) => [id, concurrentCalls]))
    const sharesAt = (calls: number) => Object.fromEntries(allowance(BigInt(calls), trunks))
    expect(sharesAt(ordered)).toEqual(whole)
    let before = Object.fromEntries(trunks.map(({ id }) => [id, 1]))
    const wrong: object[] = []
    for (let calls = 0; calls <= ordered; calls++) {
      const shares = sharesAt(calls)
      const sum = Object.values(shares).reduce((all, share) => all + share, 0)
      const isSound = trunks.every(
        ({ id, concurrentCalls }) => shares[id]! >= before[id]! && shares[id]! <= concurrentCalls,
      )
      if (sum !== Math.max(calls, trunks.length) || !isSound) wrong.push({ calls, before, shares })
      before = shares
    }
    expect(wrong).toEqual([])
    const some = BigInt(chance(ordered + 1))
    expect(allowance(some, [...trunks].reverse())).toEqual(allowance(some, trunks))
  }
  expect(allowance(null, [{ id: 'a', concurrentCalls: 7 }])).toEqual(new Map([['a', 7]]))
  // By largest remainders the last one would have 2 of 10 calls, and 1 of 11.
  const three = [6, 6, 2].map((concurrentCalls, n) => ({ id: `t${n}`, concurrentCalls }))
  expect([...allowance(10n, three).values()]).toEqual([5, 4, 1])
  expect([...allowance(11n, three).values()]).toEqual([5, 5, 1])
})

it('lets trunks carry fewer calls when HubSpot lets their account owe less, says why, and writes down by which numbers; the same news again does nothing', async () => {
  const { ban, trunks } = await bed.open({ ban: 'C-1', creditLimit: '5000' }, [60, 30, 10])
  await bed.take([belong('one', 1, [ban], ['company-1']), owes('company-1', 'one', '5000', 1)])
  expect(await allowed(ban)).toEqual([60, 30, 10])
  await bed.told()
  await bed.take([owes('company-1', 'one', '500.00', 2)])
  expect(await allowed(ban)).toEqual([30, 15, 5])
  const told = await bed.told()
  expect(told.map(({ name, payload }) => [name, payload.allowedCalls ?? payload.creditLimit])).toEqual([
    ['telephony.account.changed', { amount: '500', currency: 'USD' }],
    ['telephony.trunk.changed', 30],
    ['telephony.trunk.changed', 15],
    ['telephony.trunk.changed', 5],
  ])
  const reason =
    'Its account may owe 500 USD, enough for 50 calls at once at 10 USD each, and 100 were ordered by its 3 trunks: each carries its share, and at least one.'
  const [first] = trunks.nodes
  expect(await bed.trunk(first.id)).toMatchObject({
    concurrentCalls: 60,
    allowedCalls: 30,
    allowedCallsReason: reason,
  })
  expect((await bed.audits(ban)).at(-1)).toEqual({
    ...{ action: 'takeCreditLimit', who_id: 'system:customers' },
    diff: { creditLimit: ['5000', '500'] },
  })
  expect((await bed.audits(first.id)).at(-1)).toEqual({
    ...{ action: 'takeCreditLimit', who_id: 'system:customers' },
    diff: { allowedCalls: [60, 30], allowedCallsReason: [null, reason] },
  })
  const before = (await bed.account(ban)).version
  await bed.take([owes('company-1', 'one', '500.00', 2), owes('company-1', 'one', '500', 3)])
  expect([(await bed.account(ban)).version, await bed.told()]).toEqual([before, []])
  // What is ordered anew is shared out with the rest.
  await bed.moveTrunk('delete', first.id)
  expect(await allowed(ban)).toEqual([30, 10])
})

it('takes what was told last, whatever the clocks of HubSpot and of the hub say, and nothing that is told again', async () => {
  const { ban } = await bed.open({ ban: 'C-2', creditLimit: '100' }, [50])
  await bed.take([belong('two', 1, [ban])])
  await bed.take([owes('company-2', 'two', '200', 9, { changedHere: true })])
  await bed.take([owes('company-2', 'two', '300', 8, { changedHere: false })])
  expect([await limit(ban), await allowed(ban)]).toEqual(['300', [30]])
  await bed.take([owes('company-2', 'two', '200', 9)], { again: 2 })
  expect(await limit(ban)).toBe('300')
  await bed.take([owes('company-2', 'two', '400', 11), owes('company-2', 'two', '250', 10)])
  expect(await limit(ban)).toBe('250')
  // Of two companies the one that was told of last speaks, also when neither has a customer yet.
  await bed.open({ ban: 'C-2B', creditLimit: '100' })
  await bed.take([
    owes('company-2B', 'own', '600', 20, { ban: 'C-2B' }),
    owes('company-2C', 'own', '700', 10, { ban: 'C-2B' }),
  ])
  expect(await limit('C-2B')).toBe('700')
})

it('gives nothing back that was changed here when a company changed in something else, and takes everything that somebody says there', async () => {
  const { ban } = await bed.open({ ban: 'C-3', creditLimit: '100' }, [50])
  const says = (amount: string | null, more: object = {}) =>
    bed.take([owes('company-3', 'three', amount, 1, { changedHere: false, ...more })])
  await bed.take([belong('three', 1, [ban])])
  await says('200')
  await bed.change(ban, { creditLimit: '300' })
  await says('200')
  expect(await limit(ban)).toBe('300')
  await bed.take([belong('three', 2, [ban], ['company-3'])])
  expect(await limit(ban)).toBe('300')
  // Both were the account's own once.
  await bed.change(ban, { creditLimit: '350' })
  await says('300')
  expect(await limit(ban)).toBe('300')
  await says('350')
  expect(await limit(ban)).toBe('350')
  // Somebody changes it there and back again before anybody has looked.
  await bed.change(ban, { creditLimit: '380' })
  await bed.take([owes('company-3', 'three', '360', 1), owes('company-3', 'three', '350', 1)])
  expect(await limit(ban)).toBe('350')
  // Nothing said is nothing to take, and a company that comes back says nothing new.
  await bed.change(ban, { creditLimit: '390' })
  await says('350', { deleted: true })
  await says('350')
  await says(null)
  expect([await limit(ban), (await bed.account(ban)).hasCreditLimit]).toEqual(['390', true])
})

it('knows its own limit when the hub has filled it in at a company that said none', async () => {
  const { ban } = await bed.open({ ban: 'C-13', creditLimit: '100' })
  await bed.take([belong('thirteen', 1, [ban]), owes('company-13', 'thirteen', null, 1)])
  // By the time it comes back, something else is agreed.
  await bed.change(ban, { creditLimit: '150' })
  await bed.told()
  await bed.take([owes('company-13', 'thirteen', '100', 2, { changedHere: true })])
  expect([await limit(ban), await bed.told()]).toEqual(['150', []])
  await bed.take([owes('company-13', 'thirteen', null, 3)])
  await bed.take([owes('company-13', 'thirteen', '100', 4, { changedHere: false })])
  expect(await limit(ban)).toBe('100')
})

it('leaves a limit that no account can have, says why, once, and takes whatever else is told with it', async () => {
  const { ban } = await bed.open({ ban: 'C-14', creditLimit: '100' })
  await bed.take([belong('fourteen', 1, [ban])])
  for (const [amount, why] of [
    ['1000000000000', 'TOO_LARGE'],
    ['999999999999.99996', 'TOO_LARGE'],
    ['-1', 'NEGATIVE'],
  ] as const) {
    const company = `company-14 ${amount}`
    const before = (await bed.audits(ban)).length
    for (let times = 0; times < 2; times++)
      await bed.take([
        owes(company, 'fourteen', amount, 1, { ban }),
        owes(`${company} beside`, 'fourteen', '100', 1),
      ])
    expect((await bed.audits(ban)).slice(before).map(({ diff }) => diff)).toEqual([{ notTaken: [null, why] }])
  }
  await bed.take([owes('company-14 -1', 'fourteen', '200.00004', 2)])
  expect(await limit(ban)).toBe('200')
})

it('takes it for the account that the company names, else for the only open one; of several nobody guesses, and it is written down', async () => {
  const bans = ['C-4', 'C-5']
  for (const ban of bans) await bed.open({ ban, creditLimit: '100' })
  await bed.take([belong('four', 1, bans, ['company-4'])])
  await bed.told()
  await bed.take([owes('company-4', 'four', '700', 1)])
  await bed.take([owes('company-4', 'four', '700', 2)])
  expect([await limit('C-4'), await limit('C-5'), await bed.told()]).toEqual(['100', '100', []])
  expect(await bed.audits('four')).toEqual([
    {
      ...{ action: 'takeCreditLimit', who_id: 'system:customers' },
      diff: {
        ...{ notTaken: [null, 'SEVERAL_ACCOUNTS'], accounts: [null, 2] },
        ...{ amount: [null, '700'], currency: [null, 'USD'] },
      },
    },
  ])
  await bed.take([owes('company-4', 'four', '700', 3, { ban: 'C-5' })])
  expect([await limit('C-4'), await limit('C-5')]).toEqual(['100', '700'])
  // Another company of the customer names none; once one account is closed, the other is the only one.
  await bed.move('close', 'C-5')
  await bed.take([owes('company-5', 'four', '900', 5)])
  expect([await limit('C-4'), await limit('C-5')]).toEqual(['900', '700'])
  // The other one names none any more, and then this one: nobody has said its limit anew.
  await bed.take([
    belong('four', 2, ['C-4'], ['company-4', 'company-5']),
    owes('company-4', 'four', '700', 6),
  ])
  await bed.take([owes('company-4', 'four', '700', 7, { ban: 'C-4' })])
  expect(await limit('C-4')).toBe('900')
  await bed.take([owes('company-4', 'four', '750', 8, { ban: 'C-4' })])
  expect(await limit('C-4')).toBe('750')
  // A name that is nobody's waits until it is somebody's.
  await bed.take([owes('company-6', 'four', '999', 8, { ban: 'C-4B' })])
  expect(await limit('C-4')).toBe('750')
  await bed.open({ ban: 'C-4B' })
  await bed.take([belong('other', 1, ['C-4B'])])
  expect([await limit('C-4'), await limit('C-4B')]).toEqual(['750', '999'])
})

it('gives the only account that is left what waited while there were two', async () => {
  for (const ban of ['C-15', 'C-16']) await bed.open({ ban, creditLimit: '100' }, [50])
  await bed.take([belong('fifteen', 1, ['C-15', 'C-16'], ['company-15'])])
  await bed.take([owes('company-15', 'fifteen', '200', 1)])
  await bed.move('close', 'C-15')
  expect([await limit('C-15'), await limit('C-16'), await allowed('C-16')]).toEqual(['100', '200', [20]])
})

it('takes no limit in another currency, and writes that down', async () => {
  const { ban } = await bed.open({ ban: 'C-6', creditLimit: '100' })
  await bed.take([belong('six', 1, [ban]), owes('company-7', 'six', '700', 1, { currency: 'EUR' })])
  expect(await limit(ban)).toBe('100')
  expect((await bed.audits(ban)).at(-1)?.diff).toMatchObject({ notTaken: [null, 'OTHER_CURRENCY'] })
})

it('takes what a company has said before anybody knew whose account it is', async () => {
  const { ban } = await bed.open({ ban: 'C-7' }, [50])
  await bed.take([owes('company-8', 'own-of-company', '200', 1)])
  expect(await allowed(ban)).toEqual([50])
  await bed.take([belong('seven', 1, [ban], ['company-8'])])
  expect([await limit(ban), await allowed(ban)]).toEqual(['200', [20]])
})

it('lets an account without an agreed limit carry what it ordered, and one that may owe nothing a single call on each trunk', async () => {
  const { ban } = await bed.open({ ban: 'C-8' }, [50, 50])
  expect(await allowed(ban)).toEqual([50, 50])
  await bed.change(ban, { creditLimit: '0' })
  expect(await allowed(ban)).toEqual([1, 1])
  const { account } = await bed.change(ban, { creditLimit: null })
  expect([account.hasCreditLimit, await allowed(ban)]).toEqual([false, [50, 50]])
})

it('fault 11 (telephony): a clock that goes ten minutes before or behind HubSpot’s decides nothing about a limit', async () => {
  const { ban } = await bed.open({ ban: 'C-9', creditLimit: '100' }, [50])
  await bed.take([belong('nine', 1, [ban])])
  // What was changed here is observed by the hub's clock, and what was changed there by HubSpot's.
  for (const [minutes, amount, observedAt] of [
    [10, '200', 660],
    [-20, '300', 1],
    [10, '150', 30],
  ] as const) {
    clock.advance(minutes * 60_000)
    await bed.take([owes('company-9', 'nine', amount, observedAt)])
    expect(await limit(ban)).toBe(amount)
  }
})

it('fault 12 (telephony): changes made after the clock was set back an hour come after those before, and each once', async () => {
  const { ban } = await bed.open({ ban: 'C-10', creditLimit: '1000' }, [5])
  await bed.told()
  await bed.change(ban, { tier: 'GROWTH' })
  clock.advance(-3_600_000)
  const { trunk } = await bed.addTrunk(ban, { name: 'Later' })
  const { account } = await bed.change(ban, { tier: 'ENTERPRISE' })
  clock.advance(3_600_000)
  expect(account).toMatchObject({ tier: 'ENTERPRISE', version: 3 })
  expect(trunk.id > account.trunks.nodes.find(({ name }: { name: string }) => name === 'Line 0').id).toBe(
    true,
  )
  expect((await bed.told()).map(({ payload }) => payload.tier ?? payload.name)).toEqual([
    'GROWTH',
    'Later',
    'ENTERPRISE',
  ])
})

it('fault 8 (telephony): calls are shared out rightly though limits and trunks change at once through two processes', async () => {
  const { ban } = await bed.open({ ban: 'C-11', creditLimit: '500' }, [40])
  await bed.take([belong('eleven', 1, [ban])])
  await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      n % 3 === 0
        ? bed.take([owes('company-11', 'eleven', `${400 - n}`, n)])
        : n % 3 === 1
          ? bed.change(ban, { creditLimit: `${300 + n}` }, null, n % 2)
          : bed.addTrunk(ban, { name: `At once ${n}`, concurrentCalls: 20 }, n % 2),
    ),
  )
  const calls = Math.floor(Number(await limit(ban)) / 10)
  expect((await allowed(ban)).reduce((sum, each) => sum + each, 0)).toBe(calls)
})

it('shares out the calls of all accounts by another rule, in as many statements for one as for fifty, and by none when it is taken away', async () => {
  const set = (perCall: string | null, more = '') =>
    bed.ask(
      `mutation ($perCall: Decimal) { setCreditPerCall(perCall: $perCall${more}) {
        __typename ... on CreditRuleSet { trunksChanged rule { version perCall { amount currency } } }
        ... on Stale { currentVersion } ... on Invalid { field } } }`,
      { perCall },
    )
  const rule = () => bed.ask('{ creditRule { version perCall { amount currency } } }')
  expect(await rule()).toEqual({ version: 0, perCall: { amount: '10', currency: 'USD' } })
  const euro = await bed.open({ ban: 'C-EUR', creditLimit: '100', currency: 'EUR' }, [50])
  const { ban } = await bed.open({ ban: 'C-12', creditLimit: '500' }, [60, 40])
  expect(await allowed(ban)).toEqual([30, 20])
  const statements = async (perCall: string) => {
    bed.statements.length = 0
    await set(perCall)
    return bed.statements.filter((text) => text.includes('telephony.')).length
  }
  const few = await statements('20')
  expect(await allowed(ban)).toEqual([15, 10])
  for (let n = 0; n < 25; n++) await bed.open({ ban: `C-MANY-${n}`, creditLimit: '100' }, [30, 30])
  expect(await statements('25')).toBe(few)
  expect(await set('25')).toMatchObject({ trunksChanged: 0, rule: { version: 2 } })
  expect(await set('5', ', expectedVersion: 1')).toEqual({ __typename: 'Stale', currentVersion: 2 })
  for (const [perCall, more, field] of [
    ['0', '', 'perCall'],
    ['-1', '', 'perCall'],
    ['1', ', currency: "usd"', 'currency'],
  ] as const)
    expect(await set(perCall, more)).toEqual({ __typename: 'Invalid', field })
  await set('5', ', currency: "EUR"')
  expect([await allowed(ban), await allowed(euro.ban)]).toEqual([[60, 40], [20]])
  expect(await set(null)).toMatchObject({ rule: { perCall: null } })
  expect(await allowed(euro.ban)).toEqual([50])
})

it('shares out the calls of many accounts page by page, and goes on where a process was killed', async () => {
  const importing = `mutation ($accounts: [BillingAccountInput!]!) { importBillingAccounts(accounts: $accounts) {
    ... on BillingAccountsImported { created } } }`
  const accounts = Array.from({ length: 510 }, (_, n) => ({
    ...{ ban: `D-${String(n).padStart(3, '0')}`, name: 'Many', creditLimit: '100' },
    trunks: n % 100 === 9 ? [{ name: 'Main', concurrentCalls: 50, monthlyMinutes: 1 }] : [],
  }))
  for (const part of [accounts.slice(0, 255), accounts.slice(255)])
    expect(await bed.ask(importing, { accounts: part })).toEqual({ created: 255 })
  await bed.told()
  const set = `mutation { setCreditPerCall(perCall: "4") { ... on CreditRuleSet { rule { isComplete } } } }`
  expect(await bed.ask(set)).toEqual({ rule: { isComplete: false } })
  const killed = bed.database.transaction(DEMO, async (tx) => {
    await shareOutCredit(tx, { orgId: DEMO, clock })
    throw new Error('killed before it was kept')
  })
  await expect(killed).rejects.toThrow('killed')
  expect([await allowed('D-009'), await allowed('D-509')]).toEqual([[25], [50]])
  const around = { rows: bed.database, clock, log: silentLog, published: () => {} }
  {
    await using _ = startSharing(around)
    await until(async () => (await bed.ask('{ creditRule { isComplete } }')).isComplete)
  }
  expect(await allowed('D-509')).toEqual([25])
  const told = (await bed.told()).filter(({ key }) => key.startsWith('D-'))
  expect(told.map(({ key, payload }) => [key, payload.allowedCalls])).toEqual(
    ['009', '109', '209', '309', '409', '509'].map((n) => [`D-${n}`, 25]),
  )
  const rows = await bed.rows(
    `select distinct who_id from service.audit_log where action = 'setCreditPerCall'`,
  )
  expect(rows).toEqual([{ who_id: 'user:test' }])
})
