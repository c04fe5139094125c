import { afterAll, beforeAll, expect, it } from 'vitest'
import { tellState } from '#subgraphs/telephony/commands/tell-state.ts'
import { overlapWithin, readAddress } from '#subgraphs/telephony/domain/addresses.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { type EstatesBed, estatesBed } from './estates-bed.ts'

let bed: EstatesBed
let ban: string
beforeAll(async () => {
  bed = await estatesBed({ processes: 2 })
  ban = (await bed.open()).ban
})
afterAll(() => bed[Symbol.asyncDispose]())

it('writes an address in the one form that equal ones share, and says what is wrong with what is none', () => {
  const read = (text: string) => Object.values(readAddress(text))[0]
  expect([' 198.51.100.7 ', '198.51.100.7/32', '2001:DB8:0:0::1', '2001:db8::1/128'].map(read)).toEqual([
    ...['198.51.100.7', '198.51.100.7', '2001:db8::1', '2001:db8::1'],
  ])
  expect(['198.51.100.0/28', '2001:db8:1::/48', '10.0.0.0/16'].map(read)).toEqual([
    ...['198.51.100.0/28', '2001:db8:1::/48', '10.0.0.0/16'],
  ])
  const wrong: [string, RegExp][] = [
    ['main', /is no IP address/],
    ['999.1.1.1', /is no IP address/],
    ['198.51.100.7/33', /is no IP address/],
    ['fe80::1%eth0', /is no IP address/],
    ['198.51.100.7/28', /write 198\.51\.100\.0\/28, or 198\.51\.100\.7 alone/],
    ['2001:db8:1:ff::9/56', /write 2001:db8:1::\/56/],
    ['0.0.0.0/0', /too wide/],
    ['2001:db8::/32', /too wide/],
    ['::ffff:198.51.100.7', /write it as IPv4/],
  ]
  for (const [text, why] of wrong) expect([text, read(text)]).toEqual([text, expect.stringMatching(why)])
})

it('finds addresses of one list that overlap, whichever comes first', () => {
  expect(overlapWithin(['10.0.0.1', '10.0.0.2', '2001:db8::1'])).toBeNull()
  expect(overlapWithin(['10.0.0.1', '10.0.0.2', '10.0.0.1'])).toEqual([0, 2])
  expect(overlapWithin(['10.0.0.9', '10.9.0.0/24', '10.0.0.0/28'])).toEqual([0, 2])
  expect(overlapWithin(['2001:db8:1::/48', '2001:db8:1:5::/64'])).toEqual([0, 1])
})

it('refuses a trunk whose addresses overlap another one’s, and names it', async () => {
  const had = ['203.0.113.16/28', '203.0.113.40', '2001:db8:7::/64']
  const { trunk } = await bed.addTrunk(ban, { name: 'Holder', ipAddresses: had })
  expect(trunk.ipAddresses).toEqual(had)
  const other = await bed.open()
  const overlaps = ['203.0.113.17', '203.0.113.40', '203.0.113.0/24', '2001:db8:7::9', '2001:db8:7::/56']
  for (const [n, address] of overlaps.entries()) {
    const ipAddresses = ['203.0.113.200', address]
    // Another account's, and the same one's.
    for (const whose of [other.ban, ban])
      if (!address.endsWith('/24'))
        expect(await bed.addTrunk(whose, { name: `Try ${n}`, ipAddresses })).toMatchObject({
          ...{ __typename: 'AddressesOverlap', code: 'ADDRESSES_OVERLAP', address },
          trunk: { name: 'Holder', account: { ban } },
        })
  }
  const wide = await bed.addTrunk(other.ban, { name: 'Wide', ipAddresses: ['203.0.113.0/24'] })
  expect(wide).toMatchObject({ __typename: 'AddressesOverlap', trunk: { name: 'Holder' } })
  const beside = await bed.addTrunk(other.ban, {
    name: 'Beside',
    ipAddresses: ['203.0.113.32', '203.0.113.15'],
  })
  expect(beside.__typename).toBe('TrunkCreated')
  expect(await bed.changeTrunk(beside.trunk.id, { ipAddresses: ['203.0.113.31'] })).toMatchObject({
    __typename: 'AddressesOverlap',
  })
  // Its own are no obstacle, and another organisation has addresses of its own.
  const narrowed = await bed.changeTrunk(trunk.id, { ipAddresses: ['203.0.113.16/29', '2001:DB8:7::/64'] })
  expect(narrowed.trunk.ipAddresses).toEqual(['203.0.113.16/29', '2001:db8:7::/64'])
  const elsewhere = { caller: principal(EMPTY) }
  const input = {
    name: 'E',
    trunks: [{ name: 'E', ipAddresses: had, concurrentCalls: 1, monthlyMinutes: 1 }],
  }
  const made = await bed.ask(
    'mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { __typename } }',
    { input },
    elsewhere,
  )
  expect(made.__typename).toBe('BillingAccountCreated')
})

it('fault 8 (telephony): of trunks that want one address at once, through two processes, one alone gets it', async () => {
  const accounts = await Promise.all(Array.from({ length: 4 }, () => bed.open()))
  for (let round = 0; round < 4; round++) {
    const answers = await Promise.all(
      accounts.flatMap((account, n) =>
        [0, 1].map((by) => {
          const ipAddresses = [n % 2 ? `10.50.${round}.0/24` : `10.50.${round}.${n + 1}`]
          return bed.addTrunk(account.ban, { name: `R${round} ${by}`, ipAddresses }, by)
        }),
      ),
    )
    const got = answers.filter(({ __typename }) => __typename === 'TrunkCreated')
    // Either one that has the network, or two that have an address each.
    const isNet = got.some(({ trunk }) => trunk.ipAddresses[0].endsWith('/24'))
    expect([got.length, isNet]).toEqual(isNet ? [1, true] : [2, false])
    expect(answers.filter(({ __typename }) => __typename === 'AddressesOverlap')).toHaveLength(8 - got.length)
  }
})

it('waits for its addresses, and carries calls once it has some', async () => {
  const { trunk } = await bed.addTrunk(ban, { name: 'Waiting' })
  expect(trunk).toMatchObject({ status: 'PENDING', ipAddresses: [], codecs: ['PCMU', 'PCMA'] })
  expect(await bed.moveTrunk('reactivate', trunk.id)).toMatchObject({
    ...{ code: 'TRUNK_MOVE_NOT_ALLOWED', message: expect.stringContaining('waits for its addresses') },
  })
  expect((await bed.moveTrunk('suspend', trunk.id)).trunk).toMatchObject({
    status: 'SUSPENDED',
    nextStatuses: ['PENDING', 'DELETED'],
  })
  expect((await bed.moveTrunk('reactivate', trunk.id)).trunk.status).toBe('PENDING')
  const { trunk: begun } = await bed.changeTrunk(trunk.id, { ipAddresses: ['10.60.0.1'] })
  expect(begun).toMatchObject({ status: 'ACTIVE', version: 4, nextStatuses: ['SUSPENDED', 'DELETED'] })
  expect(await bed.changeTrunk(trunk.id, { ipAddresses: [] })).toMatchObject({ field: 'ipAddresses' })
})

it('changes what a trunk is configured for, once; what it is already writes and tells nothing', async () => {
  const { trunk } = await bed.addTrunk(ban, { name: 'Changing', ipAddresses: ['10.61.0.1'] })
  await bed.told()
  const changes = {
    name: 'Changed',
    codecs: ['OPUS', 'G722', 'G729', 'PCMA'],
    concurrentCalls: 25,
    monthlyMinutes: 5000,
  }
  const { trunk: changed } = await bed.changeTrunk(trunk.id, changes, 1)
  expect(changed).toMatchObject({ ...changes, version: 2, allowedCalls: 25, partitionId: trunk.partitionId })
  const [told, ...more] = await bed.told()
  expect(more).toEqual([])
  const { codecs, concurrentCalls, monthlyMinutes } = changes
  expect(told).toMatchObject({
    ...{ name: 'telephony.trunk.changed', key: ban },
    payload: { codecs, concurrentCalls, monthlyMinutes, allowedCalls: 25, ipAddresses: ['10.61.0.1'] },
  })
  expect((await bed.changeTrunk(trunk.id, { ...changes, ipAddresses: ['10.61.0.1/32'] })).trunk.version).toBe(
    2,
  )
  expect(await bed.told()).toEqual([])
  const [, entry] = await bed.audits(trunk.id)
  expect(entry).toMatchObject({
    action: 'changeTrunk',
    diff: { concurrentCalls: [10, 25], name: ['Changing', 'Changed'] },
  })
  expect(await bed.changeTrunk(trunk.id, { name: 'Late' }, 1)).toMatchObject({
    __typename: 'Stale',
    currentVersion: 2,
  })
  const wrong: [object, string][] = [
    [{ name: '' }, 'name'],
    [{ name: 'Waiting' }, 'name'],
    [{ codecs: [] }, 'codecs'],
    [{ codecs: ['OPUS', 'OPUS'] }, 'codecs'],
    [{ concurrentCalls: 0 }, 'concurrentCalls'],
    [{ monthlyMinutes: -1 }, 'monthlyMinutes'],
    [{ ipAddresses: ['10.61.0.1', '10.61.0.0/30'] }, 'ipAddresses.1'],
  ]
  for (const [more, field] of wrong)
    expect(await bed.changeTrunk(trunk.id, more)).toMatchObject({ __typename: 'Invalid', field })
  expect(await bed.changeTrunk('nobody', {})).toMatchObject({ __typename: 'Missing' })
})

it('takes a trunk down for good: its numbers are parked, its name and addresses free for others, its row stays', async () => {
  const { trunk } = await bed.addTrunk(ban, { name: 'Going', ipAddresses: ['10.62.0.1'] })
  await bed.ask(
    'mutation ($ban: ID!, $input: PhoneNumberInput!) { createPhoneNumber(ban: $ban, input: $input) { __typename } }',
    { ban, input: { number: '+13035550188', trunkName: 'Going' } },
  )
  await bed.told()
  const { trunk: gone } = await bed.moveTrunk('delete', trunk.id)
  expect(gone).toMatchObject({ status: 'DELETED', nextStatuses: [] })
  expect((await bed.told()).map(({ name, payload }) => [name, payload.status, payload.trunkId])).toEqual([
    ['telephony.trunk.changed', 'DELETED', trunk.id],
    ['telephony.number.changed', 'ACTIVE', null],
  ])
  for (const verb of ['suspend', 'reactivate', 'delete'])
    expect(await bed.moveTrunk(verb, trunk.id)).toMatchObject({ code: 'TRUNK_MOVE_NOT_ALLOWED', allowed: [] })
  expect(await bed.changeTrunk(trunk.id, { name: 'Back' })).toMatchObject({ code: 'TRUNK_MOVE_NOT_ALLOWED' })
  const again = await bed.addTrunk(ban, { name: 'Going', ipAddresses: ['10.62.0.1'] })
  expect(again.trunk.id).not.toBe(trunk.id)
  expect(await bed.trunk(trunk.id)).toMatchObject({
    name: 'Going',
    status: 'DELETED',
    ipAddresses: ['10.62.0.1'],
  })
})

it('imports accounts whose addresses are free, the same ones again without a change, and names those that are not', async () => {
  const account = (name: string, ...lists: string[][]) => ({
    ...{ ban: `IMPORT-${name}`, name },
    trunks: lists.map((ipAddresses, n) => ({
      name: `T${n}`,
      ipAddresses,
      concurrentCalls: 1,
      monthlyMinutes: 1,
    })),
  })
  await bed.addTrunk(ban, { name: 'Before', ipAddresses: ['10.70.0.9'] })
  const accounts = [
    account('A', ['10.70.1.1'], ['10.70.1.2']),
    account('B', ['10.70.0.0/24']), // Has what is there before.
    account('C', ['10.70.2.1'], ['10.70.2.0/30']), // Its own overlap.
    account('D', ['10.70.0.0/28']), // Overlaps with B, which gets nothing, and with what is there.
    account('E', ['10.70.2.2']), // Overlaps with C alone, which gets nothing.
    account('F', ['10.70.1.0/24']), // Overlaps with A, which has come before.
  ]
  const send = () =>
    bed.ask(
      'mutation ($a: [BillingAccountInput!]!) { importBillingAccounts(accounts: $a) { ... on BillingAccountsImported { created skipped refused { index message } } } }',
      { a: accounts },
    )
  const first = await send()
  expect([first.created, first.refused.map(({ index }: { index: number }) => index)]).toEqual([
    2,
    [1, 2, 3, 5],
  ])
  expect(first.refused[1].message).toMatch(/^trunks\.1\.ipAddresses holds 10\.70\.2\.0\/30/)
  expect(await send()).toMatchObject({ created: 0, skipped: 2 })
})

it('refuses an account whose trunks differ in name by a blank alone, and imports the others', async () => {
  const trunk = (name: string, address: string) => ({
    ...{ name, ipAddresses: [address], concurrentCalls: 1, monthlyMinutes: 1 },
  })
  const { created, refused } = await bed.ask(
    'mutation ($a: [BillingAccountInput!]!) { importBillingAccounts(accounts: $a) { ... on BillingAccountsImported { created refused { index message } } } }',
    {
      a: [
        { ban: 'BLANK-1', name: 'One', trunks: [trunk('Line', '10.71.0.1'), trunk('Line ', '10.71.0.2')] },
        { ban: 'BLANK-2', name: 'Two', trunks: [trunk('Line', '10.71.0.3')] },
      ],
    },
  )
  expect([created, refused]).toEqual([1, [{ index: 0, message: 'trunks must have different names.' }]])
})

it('lists trunks by name, of an account, by state, by a part of the name or by an address that calls come from', async () => {
  const { ban: own } = await bed.open({ name: 'Listed' }, [1, 1, 1, 1, 1])
  await bed.addTrunk(own, { name: 'Network', ipAddresses: ['10.80.0.0/24'] })
  const list = (filter: object, first = 50, after: string | null = null) =>
    bed.ask(
      `query ($filter: TrunkFilter, $first: Int!, $after: Cursor) {
        trunks(filter: $filter, first: $first, after: $after) { nodes { id name } totalCount pageInfo { endCursor hasNextPage } } }`,
      { filter, first, after },
    )
  const names = (page: { nodes: { name: string }[] }) => page.nodes.map(({ name }) => name)
  const lines = ['Line 0', 'Line 1', 'Line 2', 'Line 3', 'Line 4']
  const page = await list({ ban: own }, 4)
  expect([names(page), page.totalCount]).toEqual([lines.slice(0, 4), 6])
  expect(names(await list({ ban: own }, 4, page.pageInfo.endCursor))).toEqual(['Line 4', 'Network'])
  expect(names(await list({ search: '10.80.0.77' }))).toEqual(['Network'])
  expect(names(await list({ search: '10.80.0.0/16' }))).toEqual(['Network'])
  expect(names(await list({ ban: own, search: 'NETW' }))).toEqual(['Network'])
  const { nodes } = await list({ ban: own, search: 'line 3' })
  await bed.moveTrunk('delete', nodes[0].id)
  expect(names(await list({ ban: own, search: 'line' }))).toEqual(lines.filter((name) => name !== 'Line 3'))
  expect(names(await list({ ban: own, statuses: ['DELETED'] }))).toEqual(['Line 3'])
})

it('tells whoever starts anew of accounts and trunks just what it told last', async () => {
  const { ban: own } = await bed.open({ ban: 'STATE', creditLimit: '30', smsEnabled: true }, [10, 20])
  await bed.told()
  const { account } = await bed.change(own, { creditLimit: '150' })
  await bed.changeTrunk(account.trunks.nodes[0].id, { codecs: ['G729'] })
  await bed.move('suspend', own, ', reason: ABUSE')
  const last = new Map((await bed.told()).map(({ payload }) => [payload.trunkId ?? payload.ban, payload]))
  const state = await bed.database.read(DEMO, async (tx) => {
    const found: Record<string, unknown>[] = []
    for await (const { payload } of tellState(() => undefined)(tx, DEMO))
      found.push(JSON.parse(JSON.stringify(payload)))
    return found.filter((payload) => payload.ban === own)
  })
  expect(state).toEqual([
    last.get(own),
    ...account.trunks.nodes.map(({ id }: { id: string }) => last.get(id)),
  ])
})
