import { expect, it } from 'vitest'
import type { DB } from '#db/generated/telephony.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { testDatabase } from '../kit/postgres.ts'
import { askSubgraph, DEMO, EMPTY, principal, startWith } from '../kit/subgraph.ts'

const create = /* GraphQL */ `
  mutation ($input: BillingAccountInput!) {
    createBillingAccount(input: $input) {
      ... on BillingAccountCreated { account { ban name mrr { amount currency } trunks { nodes { name } } numbers { nodes { number trunk { name } } } } receipt { position } }
      ... on Refusal { code message }
      ... on Invalid { field }
    }
  }`

let hosts = 0
/** An account with a trunk. No two trunks of an organisation share an address. */
const account = (more: object = {}) => ({
  name: 'Harbor Dental',
  domain: 'Harbor-Dental.com',
  mrr: '1250.50',
  trunks: [
    { name: 'Main', ipAddresses: [`198.51.100.${++hosts}`], concurrentCalls: 30, monthlyMinutes: 10000 },
  ],
  numbers: [{ number: '(303) 555-0100', trunkName: 'Main' }],
  ...more,
})

it('opens a billing account with a number of its own, its trunks and telephone numbers', async () => {
  await using database = await testDatabase<DB>('telephony')
  await using telephony = await startTelephony(startWith(database.urls))
  const { data } = await askSubgraph(telephony.url, create, { input: account() })
  expect(data.createBillingAccount).toMatchObject({
    account: {
      ban: expect.stringMatching(/^\d{10}$/),
      mrr: { amount: '1250.5', currency: 'USD' },
      trunks: { nodes: [{ name: 'Main' }] },
      numbers: { nodes: [{ number: '+13035550100', trunk: { name: 'Main' } }] },
    },
    receipt: { position: expect.any(String) },
  })
})

it('refuses what cannot be, names the field, and writes nothing', async () => {
  await using database = await testDatabase<DB>('telephony')
  await using telephony = await startTelephony(startWith(database.urls))
  const wrong: [object, string][] = [
    [{ mrr: '-1' }, 'mrr'],
    [{ currency: 'dollars' }, 'currency'],
    [{ ban: 'no spaces allowed' }, 'ban'],
    [{ numbers: [{ number: '12' }] }, 'numbers.0.number'],
    [{ numbers: [{ number: '+13035550100', cnam: 'longer than fifteen' }] }, 'numbers.0.cnam'],
    [{ numbers: [{ number: '+13035550100', trunkName: 'none' }] }, 'numbers.0.trunkName'],
    [
      {
        trunks: [{ name: 'T', ipAddresses: ['999.1.1.1'], concurrentCalls: 1, monthlyMinutes: 0 }],
        numbers: [],
      },
      'trunks.0.ipAddresses.0',
    ],
  ]
  for (const [more, field] of wrong) {
    const { data, errors } = await askSubgraph(telephony.url, create, { input: account(more) })
    expect(errors, JSON.stringify(errors)).toBeUndefined()
    expect(data.createBillingAccount).toMatchObject({ code: 'INVALID', field })
  }
  const left = await database.database.read(DEMO, (tx) =>
    tx.selectFrom('telephony.billing_accounts').select('ban').execute(),
  )
  expect(left).toEqual([])
})

it('imports accounts once however often they are sent, and names those it cannot take', async () => {
  await using database = await testDatabase<DB>('telephony')
  await using telephony = await startTelephony(startWith(database.urls))
  const query = /* GraphQL */ `
    mutation ($accounts: [BillingAccountInput!]!) {
      importBillingAccounts(accounts: $accounts) {
        ... on BillingAccountsImported { created skipped refused { index message } }
      }
    }`
  const accounts = [
    account({ ban: 'A-1' }),
    account({ ban: 'A-2', numbers: [{ number: '+13035550101' }] }),
    account({ ban: 'A-3' }), // asks for A-1's telephone number
    account({ ban: 'A-4', name: '', numbers: [] }),
  ]
  const first = await askSubgraph(telephony.url, query, { accounts })
  expect(first.data.importBillingAccounts).toEqual({
    created: 2,
    skipped: 0,
    refused: [
      { index: 3, message: 'name must have 1 to 200 characters.' },
      { index: 2, message: 'numbers.0.number belongs to another account.' },
    ],
  })
  const again = await askSubgraph(telephony.url, query, { accounts: accounts.slice(0, 2) })
  expect(again.data.importBillingAccounts).toEqual({ created: 0, skipped: 2, refused: [] })
})

it('imports an account that was closed with its numbers given back: they are free for others, also of the same list', async () => {
  await using database = await testDatabase<DB>('telephony')
  await using telephony = await startTelephony(startWith(database.urls))
  const query = `mutation ($accounts: [BillingAccountInput!]!) {
    importBillingAccounts(accounts: $accounts) { ... on BillingAccountsImported { created refused { message } } } }`
  const closed = (ban: string) => account({ ban, status: 'CHURNED' })
  const accounts = [closed('OVER'), account({ ban: 'A-1' }), closed('GONE')]
  expect((await askSubgraph(telephony.url, query, { accounts })).data).toEqual({
    importBillingAccounts: { created: 3, refused: [] },
  })
  const of =
    '{ billingAccount(ban: "OVER") { numbers { totalCount } } phoneNumber(e164: "+13035550100") { account { ban } } }'
  expect((await askSubgraph(telephony.url, of)).data).toEqual({
    billingAccount: { numbers: { totalCount: 0 } },
    phoneNumber: { account: { ban: 'A-1' } },
  })
  const kept = await database.database.read(DEMO, (tx) =>
    tx
      .selectFrom('telephony.numbers')
      .select(['status', 'trunk_id', 'released_at'])
      .where('ban', '=', 'OVER')
      .execute(),
  )
  expect(kept).toEqual([{ status: 'RELEASED', trunk_id: null, released_at: expect.any(Date) }])
})

it('shows another organisation nothing, neither the account nor that it exists', async () => {
  await using database = await testDatabase<DB>('telephony')
  await using telephony = await startTelephony(startWith(database.urls))
  await askSubgraph(telephony.url, create, { input: account({ ban: 'A-1' }) })
  const query = '{ billingAccount(ban: "A-1") { name } }'
  expect((await askSubgraph(telephony.url, query)).data.billingAccount).toEqual({ name: 'Harbor Dental' })
  expect((await askSubgraph(telephony.url, query, {}, principal(EMPTY))).data.billingAccount).toBeNull()
  const mine = await askSubgraph(telephony.url, create, { input: account({ ban: 'A-1' }) }, principal(EMPTY))
  expect(mine.data.createBillingAccount.account.ban).toBe('A-1')
})

it('answers accounts, trunks and numbers of a hundred customers in as many statements as of one', async () => {
  await using database = await testDatabase<DB>('telephony')
  const statements: string[] = []
  await using telephony = await startTelephony(
    startWith(database.urls, {
      worker: false,
      onStatement: (sql) => sql.includes('telephony.') && statements.push(sql),
    }),
  )
  const accounts = Array.from({ length: 100 }, (_, i) =>
    account({ ban: `A-${i}`, numbers: [{ number: `+1303555${String(1000 + i)}` }] }),
  )
  await askSubgraph(
    telephony.url,
    'mutation ($a: [BillingAccountInput!]!) { importBillingAccounts(accounts: $a) { __typename } }',
    { a: accounts },
  )
  const query = /* GraphQL */ `
    query ($of: [_Any!]!) {
      _entities(representations: $of) {
        ... on Customer {
          billingAccounts { ban numbers(first: 5) { totalCount nodes { number trunk { name } } } }
          trunks(first: 5) { totalCount nodes { name account { name } } }
        }
      }
    }`
  const ask = async (count: number) => {
    const of = accounts
      .slice(0, count)
      .map((_, i) => ({ __typename: 'Customer', id: `c${i}`, bans: [`A-${i}`] }))
    statements.length = 0
    const { data, errors } = await askSubgraph(telephony.url, query, { of })
    expect(errors).toBeUndefined()
    expect(data._entities).toHaveLength(count)
    expect(data._entities.at(-1).trunks).toMatchObject({
      totalCount: 1,
      nodes: [{ account: { name: 'Harbor Dental' } }],
    })
    return statements.length
  }
  const forOne = await ask(1)
  expect(forOne).toBeLessThanOrEqual(6)
  expect(await ask(100)).toBe(forOne)
})
