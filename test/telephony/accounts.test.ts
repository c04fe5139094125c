import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ACCOUNT_MOVES, ACCOUNT_STATUSES, moveAccount } from '#subgraphs/telephony/domain/account-life.ts'
import { setMrr, setPaymentStatus } from '#subgraphs/telephony/store/account-changes.ts'
import { lockAccount } from '#subgraphs/telephony/store/accounts.ts'
import type { Transaction } from '#subgraphs/telephony/store/transaction.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type EstatesBed, estatesBed } from './estates-bed.ts'

let bed: EstatesBed
/** Who waits for another. */
const WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
beforeAll(async () => {
  bed = await estatesBed({ processes: 2 })
})
afterAll(() => bed[Symbol.asyncDispose]())

it('changes what is agreed with an account, and what it may do, once; what it is already writes and tells nothing', async () => {
  const { ban } = await bed.open({ name: 'Alder Group', domain: 'alder.com', contractEnd: '2027-03-31' })
  await bed.told()
  const changes = {
    ...{ name: ' Alder Group Ltd ', tier: 'GROWTH', mrr: '349.50', contractEnd: null, paymentMethod: 'WIRE' },
    ...{ apiEnabled: true, smsEnabled: true, creditLimit: '5000.00' },
  }
  const { account } = await bed.change(ban, changes)
  expect(account).toMatchObject({
    ...{ name: 'Alder Group Ltd', domain: 'alder.com', tier: 'GROWTH', mrr: { amount: '349.5' } },
    ...{
      contractEnd: null,
      paymentMethod: 'WIRE',
      paymentTerms: 'NET30',
      apiEnabled: true,
      smsEnabled: true,
    },
    ...{ creditLimit: { amount: '5000' }, hasCreditLimit: true, version: 2 },
  })
  const told = await bed.told()
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({
    ...{ name: 'telephony.account.changed', key: ban },
    payload: {
      ...{ tier: 'GROWTH', paymentMethod: 'WIRE', paymentTerms: 'NET30', apiEnabled: true, smsEnabled: true },
      creditLimit: { amount: '5000', currency: 'USD' },
    },
  })
  const [, changed] = await bed.audits(ban)
  expect(changed).toMatchObject({ action: 'changeBillingAccount', who_id: 'user:test' })
  expect(changed?.diff).toMatchObject({ tier: ['STARTER', 'GROWTH'], name: ['[name]', '[name]'] })

  expect((await bed.change(ban, changes)).account.version).toBe(2)
  expect([await bed.told(), (await bed.audits(ban)).length]).toEqual([[], 2])
})

it('refuses what an account cannot be, names the field, and writes nothing', async () => {
  const { ban } = await bed.open()
  await bed.told()
  const wrong: [object, string][] = [
    [{ name: ' ' }, 'name'],
    [{ mrr: '-1' }, 'mrr'],
    [{ mrr: '1.00001' }, 'mrr'],
    [{ creditLimit: '9999999999999' }, 'creditLimit'],
    [{ paymentTerms: '' }, 'paymentTerms'],
    [{ domain: 'a'.repeat(254) }, 'domain'],
  ]
  for (const [changes, field] of wrong)
    expect(await bed.change(ban, changes)).toMatchObject({ __typename: 'Invalid', field })
  expect(await bed.change('NOBODY', { tier: 'GROWTH' })).toMatchObject({ __typename: 'Missing' })
  expect(await bed.told()).toEqual([])
})

it('lets an account go only where it may, and its trunks with it', () => {
  const at = new Date(0)
  const trunks = [
    { status: 'ACTIVE' as const, suspendedWithAccount: false },
    { status: 'PENDING' as const, suspendedWithAccount: false },
    { status: 'SUSPENDED' as const, suspendedWithAccount: false },
    { status: 'SUSPENDED' as const, suspendedWithAccount: true },
  ]
  const moves = [{ to: 'SUSPENDED', because: 'NOT_PAID' }, { to: 'ACTIVE' }, { to: 'CHURNED', at }] as const
  const followed = {
    SUSPENDED: ['SUSPENDED', 'PENDING', 'SUSPENDED', 'SUSPENDED'],
    ACTIVE: ['ACTIVE', 'PENDING', 'SUSPENDED', 'ACTIVE'],
    CHURNED: ['DELETED', 'DELETED', 'DELETED', 'DELETED'],
  }
  for (const status of ACCOUNT_STATUSES)
    for (const move of moves) {
      const account = { ban: 'A-1', status, suspendedBecause: null, closedAt: null }
      const moved = moveAccount({ account, trunks }, move)
      if (ACCOUNT_MOVES[status].includes(move.to)) {
        if ('__typename' in moved) throw new Error(moved.message)
        expect(moved.account.status).toBe(move.to)
        expect(moved.trunks.map((trunk) => trunk.status)).toEqual(followed[move.to])
      } else
        expect(moved).toMatchObject({
          code: 'ACCOUNT_MOVE_NOT_ALLOWED',
          status,
          allowed: ACCOUNT_MOVES[status],
        })
    }
})

it('stops an account with the trunks that carry calls, and lets just those go on', async () => {
  const { ban, trunks } = await bed.open({}, [10, 10, 10])
  const [carries, stopped] = trunks.nodes.map(({ id }: { id: string }) => id)
  const { trunk: pending } = await bed.addTrunk(ban, { name: 'New' })
  await bed.moveTrunk('suspend', stopped)
  await bed.told()
  const statuses = async () =>
    Object.fromEntries(
      (await bed.account(ban)).trunks.nodes.map((t: { name: string; status: string }) => [t.name, t.status]),
    )

  const { account } = await bed.move('suspend', ban, ', reason: NOT_PAID')
  expect(account).toMatchObject({
    status: 'SUSPENDED',
    suspendedBecause: 'NOT_PAID',
    nextStatuses: ['ACTIVE', 'CHURNED'],
  })
  const still = { 'Line 0': 'SUSPENDED', 'Line 1': 'SUSPENDED', 'Line 2': 'SUSPENDED', New: 'PENDING' }
  expect(await statuses()).toEqual(still)
  const told = await bed.told()
  expect(told.map(({ name }) => name)).toEqual([
    'telephony.account.changed',
    'telephony.trunk.changed',
    'telephony.trunk.changed',
  ])
  // Nothing begins while it stands still, and nothing is set up.
  expect(await bed.moveTrunk('reactivate', carries)).toMatchObject({
    code: 'ACCOUNT_NOT_ACTIVE',
    allowed: ['DELETED'],
  })
  expect(await bed.addTrunk(ban, { name: 'Other' })).toMatchObject({
    code: 'ACCOUNT_NOT_ACTIVE',
    standing: null,
  })
  expect((await bed.changeTrunk(pending.id, { ipAddresses: ['10.2.0.1'] })).trunk.status).toBe('SUSPENDED')
  expect(await bed.move('suspend', ban, ', reason: OTHER')).toMatchObject({
    ...{ __typename: 'AccountMoveRefused', status: 'SUSPENDED', allowed: ['ACTIVE', 'CHURNED'] },
  })

  const again = await bed.move('reactivate', ban)
  expect(again.account).toMatchObject({ status: 'ACTIVE', suspendedBecause: null })
  expect(await statuses()).toEqual({
    'Line 0': 'ACTIVE',
    'Line 1': 'SUSPENDED',
    'Line 2': 'ACTIVE',
    New: 'ACTIVE',
  })
})

it('closes an account for good: its trunks are taken down, its numbers released, each told once', async () => {
  const trunk = { name: 'Main', ipAddresses: ['10.3.0.1'], concurrentCalls: 10, monthlyMinutes: 1 }
  const numbers = [{ number: '+13035550170', trunkName: 'Main' }, { number: '+13035550171' }]
  const { ban } = await bed.open({ trunks: [trunk], numbers })
  await bed.told()
  const { account } = await bed.move('close', ban)
  expect(account).toMatchObject({ status: 'CHURNED', nextStatuses: [], trunks: { nodes: [] } })
  expect(account.closedAt).toEqual(expect.any(String))
  const told = await bed.told()
  // Since when, so that a later change of its record does not move it.
  expect(told[0]!.payload.closedAt).toBe(account.closedAt)
  expect(told.map(({ name, payload }) => [name, payload.status])).toEqual([
    ['telephony.account.changed', 'CHURNED'],
    ['telephony.trunk.changed', 'DELETED'],
    ['telephony.number.changed', 'RELEASED'],
    ['telephony.number.changed', 'RELEASED'],
  ])
  for (const verb of ['reactivate', 'close'])
    expect(await bed.move(verb, ban)).toMatchObject({ code: 'ACCOUNT_MOVE_NOT_ALLOWED', allowed: [] })
  expect(await bed.addTrunk(ban, {})).toMatchObject({ code: 'ACCOUNT_NOT_ACTIVE' })
  // Its address is free for somebody else.
  await bed.open({ trunks: [trunk] })
})

it('refuses a change of what somebody has changed since, also of two at once through two processes', async () => {
  const { ban, version } = await bed.open()
  const answers = await Promise.all([
    bed.change(ban, { tier: 'GROWTH' }, version, 0),
    bed.change(ban, { tier: 'ENTERPRISE' }, version, 1),
  ])
  expect(answers.map((answer) => answer.__typename).sort()).toEqual(['BillingAccountChanged', 'Stale'])
  expect(answers.find((answer) => answer.__typename === 'Stale')).toMatchObject({
    currentVersion: version + 1,
  })
  expect(await bed.move('close', ban, `, expectedVersion: ${version}`)).toMatchObject({ __typename: 'Stale' })
})

it('holds accounts in the order of their numbers when many change at once, in whatever order they were written', async () => {
  // A later row first: whoever walks the table meets it first.
  const bans = ['ORDER-2', 'ORDER-1']
  for (const ban of bans) await bed.open({ ban })
  const isFree = async (ban: string) => {
    const rows = await bed.database.transaction(DEMO, (tx) =>
      sql`select from telephony.billing_accounts where org_id = ${DEMO} and ban = ${ban} for update skip locked`.execute(
        tx,
      ),
    )
    return rows.rows.length === 1
  }
  const at = bed.clock.now()
  const changes = [
    (tx: Transaction) =>
      setMrr(
        tx,
        DEMO,
        bans.map((ban) => ({ ban, mrr: '7' })),
        at,
      ),
    (tx: Transaction) => setPaymentStatus(tx, DEMO, bans, { from: 'CURRENT', to: 'PAST_DUE', at }),
  ]
  for (const change of changes) {
    const changing = await bed.database.transaction(DEMO, async (tx) => {
      await lockAccount(tx, DEMO, 'ORDER-1')
      const waiting = bed.database.transaction(DEMO, change)
      await until(async () => (await bed.rows(WAITING)).length > 0)
      expect(await isFree('ORDER-2')).toBe(true)
      return { waiting }
    })
    expect((await changing.waiting).map(({ ban }) => ban).sort()).toEqual(['ORDER-1', 'ORDER-2'])
  }
})

it('lists accounts by name, page by page, narrowed by state, tier, payment and text, in as many statements for one as for fifty', async () => {
  for (let n = 0; n < 12; n++)
    await bed.open({
      ...{ ban: `LIST-${n}`, name: `List ${String(n).padStart(2, '0')} 100%`, domain: `list${n}.com` },
      ...{ tier: n % 2 ? 'GROWTH' : 'STARTER', paymentStatus: n % 3 ? 'CURRENT' : 'PAST_DUE' },
    })
  await bed.move('suspend', 'LIST-4', ', reason: ABUSE')
  const list = (filter: object, first = 50, after: string | null = null) =>
    bed.ask(
      `query ($filter: BillingAccountFilter, $first: Int!, $after: Cursor) {
        billingAccounts(filter: $filter, first: $first, after: $after) { nodes { ban } totalCount pageInfo { endCursor hasNextPage } } }`,
      { filter, first, after },
    )
  const bansOf = (page: { nodes: { ban: string }[] }) => page.nodes.map(({ ban }) => ban)
  const seen: string[] = []
  for (let after: string | null = null; ; ) {
    const page = await list({ search: '100%' }, 5, after)
    seen.push(...bansOf(page))
    after = page.pageInfo.endCursor
    if (!page.pageInfo.hasNextPage) break
  }
  expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => `LIST-${n}`))
  expect(bansOf(await list({ search: 'LIST3.c' }))).toEqual(['LIST-3'])
  expect(bansOf(await list({ search: 'list-1' }))).toEqual(['LIST-1', 'LIST-10', 'LIST-11'])
  expect(bansOf(await list({ search: '100_' }))).toEqual([])
  expect(bansOf(await list({ search: 'list', statuses: ['SUSPENDED'] }))).toEqual(['LIST-4'])
  const late = await list({ search: 'list-', tiers: ['STARTER'], paymentStatuses: ['PAST_DUE'] })
  expect([bansOf(late), late.totalCount]).toEqual([['LIST-0', 'LIST-6'], 2])
  const count = async (first: number) => {
    bed.statements.length = 0
    await list({}, first)
    return bed.statements.filter((text) => text.includes('telephony.')).length
  }
  expect(await count(50)).toBe(await count(1))
})
