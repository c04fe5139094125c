import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEMO_API_KEY } from '#connectors/c3/simulator/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { changeRecords } from '#subgraphs/inventory/sync/change-records.ts'
import { searchDatabase } from '#test/kit/searching.ts'
import type { Journal } from '#test/kit/simulator.ts'
import { DEMO, EMPTY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type ConnectionBed, connectionBed } from './bed.ts'

// One connection that lives through all of this, in order.
let bed: ConnectionBed
let id: string
beforeAll(async () => {
  bed = await connectionBed()
})
afterAll(() => bed[Symbol.asyncDispose]())

const journal = () => bed.sim<Journal>('journal')
const emptyJournal = () => bed.sim('journal', undefined, 'DELETE')
const feature = (features: readonly { capability: string }[], capability: string) =>
  features.find((each) => each.capability === capability)

it('keeps nothing of a C3 that does not let it in, and says which of the two is wrong and what to do', async () => {
  const said = async (input: Record<string, unknown>) => {
    const { __typename, field, code, message } = await bed.connect(input)
    expect([__typename, String(message).length > 20]).toEqual(['Invalid', true])
    return [field, code]
  }
  expect(await said({ apiKey: 'another key' })).toEqual(['apiKey', 'INVALID'])
  expect(await said({ apiKey: 'another-key' })).toEqual(['apiKey', 'HUB_VENDOR_CREDENTIAL_REJECTED'])
  expect(await said({ settings: { deletePercent: 101 } })).toEqual(['deletePercent', 'INVALID'])
  await bed.sim('faults', { missing: await permissions() })
  expect(await said({})).toEqual(['apiKey', 'C3_KEY_WITHOUT_PERMISSIONS'])
  await bed.sim('faults', { missing: [] })
  expect(await said({ baseUrl: `${bed.url}/elsewhere` })).toEqual(['baseUrl', 'HUB_VENDOR_REFUSED'])
  expect(await bed.rows('inventory.integrations')).toEqual([])
  expect(await bed.audited()).toEqual([])
})

const permissions = async () =>
  ['customers', 'inventory', 'rfqs', 'suppliers', 'transactions']
    .map((kind) => `${kind}:read`)
    .concat(
      ['price-recommendations', 'supplier-alerts', 'inventory-recommendations', 'rfq-updates'].map(
        (what) => `${what}:write`,
      ),
    )

it('calls no address that leads into a network of machines, however it is written', async () => {
  await emptyJournal()
  const port = new URL(bed.url).port
  for (const baseUrl of [
    'http://169.254.169.254/latest',
    'https://169.254.169.254',
    'https://2852039166',
    'https://0xa9.254.0251.0376',
    'https://[::ffff:169.254.169.254]',
    'https://[::ffff:a9fe:a9fe]',
    'https://[64:ff9b::a9fe:a9fe]',
    'https://[::1]',
    `https://localhost:${port}`,
    `http://localhost:${port}`,
    'https://10.1.2.3',
    'https://user:secret@c3.example.com',
    'file:///etc/passwd',
    'nonsense',
  ])
    expect([baseUrl, (await bed.connect({ baseUrl })).code]).toEqual([baseUrl, 'HUB_ADDRESS_REFUSED'])
  expect((await journal()).entries).toEqual([])
  expect(await bed.rows('inventory.integrations')).toEqual([])
})

it('asks C3 first whom a key speaks for and what it may do, seals it, and brings over what is there', async () => {
  await bed.sim('faults', { missing: ['supplier-alerts:write'] })
  const connected = await bed.connect({ name: 'Quoting', settings: { nightly: 'RECONCILE' } })
  expect(connected).toMatchObject({
    __typename: 'C3Connected',
    integration: { accountId: 'C3-7', accountName: 'Demo Components', apiVersion: '2' },
  })
  const { abilities: features } = connected.integration
  expect(feature(features, 'STOCK')).toEqual({
    ...{ capability: 'STOCK', isOn: true, missingPermission: null, fallback: null },
  })
  expect(feature(features, 'SUPPLIER_ALERTS')).toMatchObject({
    ...{ isOn: false, missingPermission: 'supplier-alerts:write' },
  })
  id = connected.integration.id
  await bed.calm()
  const [run] = await bed.runs()
  expect(run).toMatchObject({ mode: 'FULL', state: 'COMPLETED' })
  const { records } = await bed.sim<{ records: unknown[] }>('records/inventory')
  expect(await bed.rows('inventory.inventory')).toHaveLength(records.length)
  const [row] = await bed.rows('inventory.integrations')
  expect(String(row!.api_key)).not.toContain(DEMO_API_KEY)
  const written = JSON.stringify([await bed.audited(), bed.lines])
  expect(written).toContain('connectC3')
  expect(written).not.toContain(DEMO_API_KEY)
  expect(await bed.shown(id)).toMatchObject({
    ...{
      syncCount: 1,
      lastError: null,
      settings: { nightly: 'RECONCILE', frequency: 'REALTIME', version: 2 },
    },
  })
  // The same account once more is the same connection; another organisation's is another one, and sees nothing of this.
  expect((await bed.connect()).integration).toMatchObject({ id })
  expect(await bed.rows('inventory.integrations')).toHaveLength(1)
  await bed.calm()
  expect(
    await bed.ask(
      'mutation ($id: ID) { validateC3Credentials(integrationId: $id) { __typename } }',
      { id },
      EMPTY,
    ),
  ).toEqual({
    __typename: 'Missing',
  })
  await bed.sim('faults', { missing: [] })
})

it('says whether a key is good and for what, and takes up what C3 grants since', async () => {
  const check = () =>
    bed.ask(
      'mutation { validateC3Credentials { ... on C3CredentialsChecked { isValid message integration { abilities { capability isOn } } } } }',
    )
  expect(await check()).toMatchObject({ isValid: true, message: 'The key is good.' })
  await bed.sim('faults', { missing: ['rfqs:read'] })
  const lacking = await check()
  expect(lacking).toMatchObject({ isValid: true })
  expect(lacking.message).toContain('rfqs')
  await bed.sim('faults', { missing: [] })
  await bed.sim('faults', { path: 'account', play: { do: 'status', status: 503 } })
  expect(await check()).toMatchObject({ isValid: null })
  await bed.sim('faults', undefined, 'DELETE')
  expect((await check()).isValid).toBe(true)
})

it('turns off what a key may no longer do in the middle of a reading, and reads the rest', async () => {
  await bed.sim('faults', { missing: ['suppliers:read'] })
  const [stock] = (await bed.sim<{ records: { stockId: string }[] }>('records/inventory')).records
  await bed.sim('records/inventory', { stockId: stock!.stockId, quantityAvailable: 4711 })
  const run = await bed.engine(id).sync('INCREMENTAL')
  expect(run.state).toBe('COMPLETED')
  const { abilities: features } = await bed.shown(id)
  expect(feature(features, 'SUPPLIERS')).toMatchObject({ isOn: false, missingPermission: 'suppliers:read' })
  expect(feature(features, 'STOCK')).toMatchObject({ isOn: true })
  const kept = await bed.rows('inventory.inventory')
  expect(kept.find((row) => row.c3_stock_id === stock!.stockId)).toMatchObject({ quantity_available: 4711 })
  await bed.sim('faults', { missing: [] })
  await bed.ask('mutation { validateC3Credentials { __typename } }')
  expect(feature((await bed.shown(id)).abilities, 'SUPPLIERS')).toMatchObject({ isOn: true })
})

it('changes how it is kept in step only on top of what somebody has seen, and pauses kinds by themselves', async () => {
  const change = (input: object, expectedVersion: number) =>
    bed.ask(
      `mutation ($id: ID!, $input: C3SettingsInput!, $v: Int!) { changeC3Connection(integrationId: $id, input: $input, expectedVersion: $v) {
        __typename ... on C3ConnectionChanged { integration { settings { frequency nightly version } } } ... on Stale { currentVersion } ... on Refusal { code } } }`,
      { id, input, v: expectedVersion },
    )
  const { version } = (await bed.shown(id)).settings
  expect(await change({ frequency: 'MANUAL', nightly: 'FULL' }, version)).toMatchObject({
    integration: { settings: { frequency: 'MANUAL', nightly: 'FULL', version: version + 1 } },
  })
  expect(await change({ frequency: 'DAILY' }, version)).toMatchObject({
    ...{ __typename: 'Stale', currentVersion: version + 1 },
  })
  await change({ frequency: 'REALTIME' }, version + 1)
  const turn = (verb: string, type: string) =>
    bed.ask(
      `mutation ($id: ID!, $type: String) { ${verb}C3Connection(integrationId: $id, direction: IN, type: $type) { __typename ... on Refusal { code } } }`,
      { id, type },
    )
  expect(await turn('pause', 'companies')).toMatchObject({ __typename: 'Invalid' })
  await turn('pause', 'inventory')
  expect((await bed.shown(id)).pauses).toEqual([{ direction: 'IN', type: 'inventory' }])
  await bed.calm()
  await emptyJournal()
  await bed.engine(id).sync('FULL')
  const read = (await journal()).entries.map(({ path }) => path.replace(/\?.*/, ''))
  expect(read).toContain('/c3/rfqs')
  expect(read).not.toContain('/c3/inventory')
  await turn('resume', 'inventory')
  await bed.calm()
  expect((await journal()).entries.map(({ path }) => path.replace(/\?.*/, ''))).toContain('/c3/inventory')
  expect((await bed.audited()).map(({ action }) => action)).toEqual(
    expect.arrayContaining(['changeC3Connection', 'pauseC3Connection', 'resumeC3Connection']),
  )
})

it('fault 35 (c3): a key that C3 refuses in the middle of a reading is told once, work waits without a call, and goes on with another key', async () => {
  const events = async () =>
    (await bed.rows('events.recorded')).filter(
      ({ name, payload }) => name === 'inventory.integration.changed' && payload.status === 'NEEDS_REAUTH',
    )
  const before = (await events()).length
  await bed.sim('faults', { keys: ['a-new-key'] })
  const runId = await bed.engine(id).ask('INCREMENTAL')
  await until(async () => (await bed.shown(id)).lastError !== null)
  await until(async () => (await events()).length > before)
  await emptyJournal()
  expect(await bed.ask('mutation { startC3Sync { __typename ... on Refusal { message } } }')).toMatchObject({
    ...{ __typename: 'Invalid', message: expect.stringContaining('another') },
  })
  expect(
    ((await bed.shown(id)).schedules as { pausedBecause: string | null }[]).length,
  ).toBeGreaterThanOrEqual(0)
  expect((await journal()).entries).toEqual([])
  expect((await events()).length).toBe(before + 1)
  expect((await bed.runs()).find((run) => run.id === runId)).toMatchObject({ finished_at: null })
  // A key that is none changes nothing; a good one lets what waits go on.
  expect(await bed.rotate('not-this-one')).toMatchObject({
    ...{ field: 'apiKey', code: 'HUB_VENDOR_CREDENTIAL_REJECTED' },
  })
  expect((await bed.rotate('a-new-key')).__typename).toBe('C3Connected')
  expect((await bed.engine(id).ended(runId)).state).toBe('COMPLETED')
  expect((await bed.shown(id)).lastError).toBeNull()
  expect(JSON.stringify([await bed.audited(), bed.lines])).not.toContain('a-new-key')
})

it('destroys the key of a connection that is ended, and lets what it brought go when it is told to', async () => {
  const end = (keep: boolean) =>
    bed.ask(
      'mutation ($keep: Boolean!) { disconnectC3(keepRecords: $keep) { __typename ... on C3Disconnected { integrationId keepsRecords } } }',
      { keep },
    )
  const live = async (table: string) =>
    (await bed.rows(table)).filter((row) => row.deleted_at === null).length
  const held = await live('inventory.rfqs')
  expect(await end(true)).toEqual({ __typename: 'C3Disconnected', integrationId: id, keepsRecords: true })
  const [row] = await bed.rows('inventory.integrations')
  expect([row!.api_key, row!.disconnected_at === null]).toEqual([null, false])
  expect(await live('inventory.rfqs')).toBe(held)
  expect(await bed.ask('mutation { startC3Sync { __typename } }')).toEqual({ __typename: 'Missing' })
  expect(await end(true)).toEqual({ __typename: 'Missing' })
  expect(await bed.shown(id)).toMatchObject({ isDisconnected: true })
  const news = await bed.rows('events.recorded')
  expect(news.map(({ payload }) => payload)).toContainEqual(
    expect.objectContaining({ integrationId: id, name: 'Quoting', removed: true }),
  )
  // Connected again it is the same one, with what it brought.
  expect((await bed.connect({ apiKey: 'a-new-key' })).integration).toMatchObject({ id })
  await bed.calm()
  expect(await end(false)).toMatchObject({ keepsRecords: false })
  await until(async () => (await live('inventory.rfqs')) + (await live('inventory.inventory')) === 0)
  const told = (await bed.rows('events.recorded')).filter(
    ({ name, payload }) => name === 'inventory.account.changed' && payload.deleted,
  )
  expect(told.length).toBe((await bed.rows('inventory.c3_accounts')).length)
})

it('forgets every word about persons that an ended connection brought, and has them again once it is back', async () => {
  const run = async () => {
    await bed.ask('mutation { startC3Sync(mode: FULL) { __typename } }')
    await bed.calm()
  }
  const records = async (kind: string) =>
    (await bed.sim<{ records: Record<string, string>[] }>(`records/${kind}`)).records
  expect((await bed.connect({ apiKey: 'a-new-key' })).integration).toMatchObject({ id })
  await bed.calm()
  const [{ customerId }, { rfqId }, { rfqId: other }] = [
    (await records('customers'))[0]!,
    ...(await records('rfqs')),
  ] as [Record<string, string>, Record<string, string>, Record<string, string>]
  await bed.sim('records/customers', { customerId, phone: '+15550100 Canary', city: 'Waverly' })
  for (const id of [rfqId, other])
    await bed.sim('records/rfqs', { rfqId: id, buyer: 'Mrs Canary', note: 'Ask Mrs Canary' })
  await run()
  // What it said before, what both have said at once, and what is planned to be brought over.
  const [row] = (await bed.rows('inventory.rfqs')).filter((rfq) => rfq.c3_rfq_id === rfqId)
  const place = { orgId: DEMO, integrationId: id, type: 'rfqs' as const }
  const updates = [{ localId: row!.id, values: { note: 'Mr Canary called' } }]
  await bed.database.transaction(DEMO, (tx) => changeRecords(tx, place, { updates }, systemClock.now()))
  await bed.sim('records/rfqs', { rfqId, note: 'Ask Miss Canary' })
  await run()
  await bed.sim('records/rfqs', { rfqId: other, buyer: 'Miss Canary' })
  await bed.ask('mutation { planC3Sync(types: ["rfqs"]) { __typename } }')
  await bed.calm()
  const places = async () => [
    ...new Set((await searchDatabase(bed.adminUrl, ['Canary'])).map(({ place }) => place)),
  ]
  expect((await places()).sort()).toEqual([
    ...['inventory.c3_accounts.phone', 'inventory.rfq_versions.held'],
    ...['inventory.rfqs.buyer', 'inventory.rfqs.note', 'sync.decisions.base'],
    ...['sync.decisions.ours', 'sync.decisions.theirs'],
    ...['sync.links.base', 'sync.plan_items.fields'],
  ])
  await bed.ask('mutation { disconnectC3(keepRecords: false) { __typename } }')
  await until(async () => (await places()).length === 0)
  // Of a business, its name and city stand in the log of events too, until that is forgotten.
  await until(async () =>
    (await bed.rows('inventory.c3_accounts')).every(({ name, city }) => name === '' && city === null),
  )
  await bed.connect({ apiKey: 'a-new-key' })
  await bed.calm()
  const [now] = (await bed.rows('inventory.rfqs')).filter((rfq) => rfq.c3_rfq_id === other)
  expect(now).toMatchObject({ deleted_at: null, buyer: 'Miss Canary', note: 'Ask Mrs Canary' })
  const names = (await records('customers')).map(({ name }) => name).sort()
  expect((await bed.rows('inventory.c3_accounts')).map(({ name }) => name).sort()).toEqual(names)
  // Nothing was said here meanwhile that C3 would have to hear, or that anybody would have to decide.
  expect(await bed.rows('sync.decisions')).toEqual([])
  expect(await bed.rows('sync.outgoing')).toEqual([])
})
