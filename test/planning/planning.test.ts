import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import type { ShownPlan } from '#gateway/planning.ts'
import { assistantAt } from '../kit/assistant.ts'
import { apiSchema, type Probe, probesOf } from '../kit/probes.ts'
import { controlOf } from '../kit/simulator.ts'
import { type HubState, settled, stateOf } from '../kit/states.ts'
import { startWholeHub, type WholeHub } from '../kit/whole-hub.ts'

let hub: WholeHub
let hubspot: string
let probes: Probe[]

const PLAN = { 'x-hub-plan': 'true' }
const plan = (query: string, variables: Record<string, unknown> = {}) =>
  hub.ask(query, variables, { headers: PLAN })
const confirm = (query: string, token: string | undefined, variables: Record<string, unknown> = {}) =>
  hub.ask(query, variables, { headers: { 'x-hub-confirm': token ?? '' } })

/** What only commands write, while what earlier ones have set off goes on. */
const deeds = async () =>
  Object.entries(await stateOf(hub)).filter(([table]) =>
    /audit_log|api_keys|\.trunks|\.pauses|billing_accounts/.test(table),
  )
const requests = async () => {
  const entries = ['hubspot', 'c3'] as const
  const journals = await Promise.all(
    entries.map((name) => controlOf(hub.simulators[name])<{ counts: object }>('journal')),
  )
  return journals.map(({ counts }) => counts)
}
/** Inserts less deletes of a plan by table, and what came of it. */
const expected = ({ rows }: ShownPlan) => {
  const by: Record<string, number> = {}
  for (const { part, table, operation, count } of rows) {
    const sign = { insert: 1, update: 0, delete: -1 }[operation] ?? 0
    by[`${part} ${table}`] = (by[`${part} ${table}`] ?? 0) + sign * count
  }
  return by
}
const grown = (before: HubState, after: HubState, tables: string[]) =>
  Object.fromEntries(tables.map((table) => [table, (after[table]?.rows ?? 0) - (before[table]?.rows ?? 0)]))

beforeAll(async () => {
  // A minute may begin at any time: what the clock begins then is no deed of a plan.
  hub = await startWholeHub({ companies: 6, isByTheClock: false })
  await hub.synced()
  const made = await hub.ask(`mutation {
    createBillingAccount(input: { ban: "PLAN-1", name: "Plan Telephony" }) { __typename }
    createApiKey(name: "plan", scopes: ["customers:read"]) { ... on ApiKeyCreated { apiKey { id } } }
  }`)
  const { data } = await hub.ask(
    '{ customers(first: 1) { nodes { id } } integrations { id system } syncRuns { nodes { id } } }',
  )
  const idOf = (system: string) =>
    data.integrations.find((one: { system: string }) => one.system === system).id as string
  hubspot = idOf('HUBSPOT')
  probes = probesOf(apiSchema(), {
    'linkIdentity.customerId': data.customers.nodes[0].id,
    'linkIdentity.account': { system: 'WARP', accountId: 'PLAN-1' },
    'exportPerson.subject': { email: 'nobody@plan.example' },
    'erasePerson.subject': { email: 'nobody@plan.example' },
    'erasePerson.reference': 'R-1',
    'revokeApiKey.id': made.data.createApiKey.apiKey.id,
    'HubSpotTokenInput.accessToken': DEMO_TOKEN,
    'changeConnection.input': { name: 'Renamed' },
    'createApiKey.scopes': 'customers:read',
    'inviteMember.email': 'somebody@plan.example',
    'setLogLevel.area': 'customers:webhooks',
    'PartnerWebhookInput.url': 'https://partner.example/hooks',
    'startC3Sync.integrationId': idOf('C3'),
    'planC3Sync.integrationId': idOf('C3'),
    'saveC3Policy.integrationId': idOf('C3'),
    'saveC3Policy.changes': { clockToleranceMs: 1 },
    integrationId: hubspot,
    ban: 'PLAN-1',
    number: '+13035550111',
    ipAddresses: '198.51.100.9',
  }).filter(({ kind }) => kind === 'mutation')
})
afterAll(() => hub?.[Symbol.asyncDispose]())

it('every mutation there is can be planned, or says why not, and changes nothing in any database', async () => {
  const [before, asked] = [await settled(hub), await requests()]
  const planned: string[] = []
  const vendors: string[] = []
  for (const { field, document } of probes) {
    const [first, second] = [await plan(document), await plan(document)]
    const codes = (first.errors ?? []).map(({ extensions }) => extensions?.code)
    expect([field, first.extensions?.plan?.hash]).toEqual([field, second.extensions?.plan?.hash])
    if (codes.includes('PLAN_NEEDS_VENDOR')) vendors.push(field)
    else expect([field, codes, typeof first.extensions?.plan?.confirm.token]).toEqual([field, [], 'string'])
    if (first.extensions?.plan?.rows.length > 0) planned.push(field)
  }
  expect(await stateOf(hub)).toEqual(before)
  expect(await requests()).toEqual(asked)
  expect(vendors).toEqual(expect.arrayContaining(['provisionHubSpot', 'validateCredentials']))
  expect(planned.length).toBeGreaterThan(12)
  expect(planned).toEqual(
    expect.arrayContaining([
      'addMember',
      'createApiKey',
      'createTrunk',
      'erasePerson',
      'inviteMember',
      'linkIdentity',
      'planC3Sync',
      'saveC3Policy',
      'startHubSpotSync',
    ]),
  )
  // Twice each: it takes as long as there are many.
})

interface Answered {
  __typename: string
  code: string
  plan: ShownPlan
  result: { __typename: string }
}

describe('a plan that is confirmed', () => {
  const addressOf = (name: string) => `192.0.2.${['first', 'second', 'third', 'raced'].indexOf(name) + 1}`
  const trunk = (name: string) =>
    `createTrunk(ban: "PLAN-1", input: { name: "${name}", ipAddresses: ["${addressOf(name)}"], concurrentCalls: 1, monthlyMinutes: 1 }) {
      __typename ... on TrunkCreated { trunk { id account { trunks { totalCount } } } receipt { position } } ... on Refusal { code } }`
  const key = 'createApiKey(name: "confirmed", scopes: ["customers:read"]) { __typename }'
  const pause = (way = 'OUT') =>
    `mutation { pauseIntegration(integrationId: "${hubspot}", direction: ${way}) { __typename ... on Refusal { code } } }`
  const sync = (name: string) => `start${name}Sync(mode: INCREMENTAL) { __typename }`

  it('is exactly what then happens, in every subgraph that a document names, and shows what the next field of it sees', async () => {
    for (const [of, document] of [
      ['hub', `mutation { ${key} }`],
      ['customers', `mutation { ${sync('HubSpot')} }`],
      ['customers', pause()],
      [
        'telephony',
        `# Comes before the keyword, and must not make it a read.
         mutation { createBillingAccount(input: { ban: "PLAN-2", name: "Second", trunks: [{ name: "t", ipAddresses: ["198.51.100.8"], concurrentCalls: 1, monthlyMinutes: 1 }] }) {
           __typename ... on BillingAccountCreated { account { trunks { totalCount } } } } ${trunk('first')} }`,
      ],
      ['telephony', `mutation { again: ${trunk('second')} ${key} ${sync('C3')} third: ${trunk('third')} }`],
    ] as const) {
      const before = await stateOf(hub)
      const planned = await plan(document)
      const shown = planned.extensions.plan as ShownPlan
      const done = await confirm(document, shown.confirm?.token)
      expect([done.errors, done.extensions.plan]).toEqual([undefined, { ...shown, confirm: undefined }])
      const wanted = expected(shown)
      expect(Object.keys(wanted).some((table) => table.startsWith(of))).toBe(true)
      // At once: what follows from it, such as a run that is begun, is not the command's own doing.
      const own = Object.keys(wanted).filter((table) => !table.includes('sync.'))
      expect(grown(before, await stateOf(hub), own)).toEqual(
        Object.fromEntries(own.map((table) => [table, wanted[table]])),
      )
      if (document.includes('"first"')) {
        expect(planned.data.createBillingAccount.account.trunks.totalCount).toBe(1)
        expect(planned.data.createTrunk.trunk.account.trunks.totalCount).toBe(1)
        expect(shown.events.map(({ name }) => name)).toContain('telephony.trunk.changed')
        // The position is one that a read may wait for.
        const after = { 'x-hub-after': done.data.createTrunk.receipt.position as string }
        const { data } = await hub.ask(
          '{ billingAccount(ban: "PLAN-1") { trunks { totalCount } } }',
          {},
          { headers: after },
        )
        expect(data.billingAccount.trunks.totalCount).toBe(1)
      }
    }
  })

  it('is refused when something else would happen now, with the new plan, and nothing is done by it', async () => {
    const document = pause('IN')
    const { extensions } = await plan(document)
    await hub.ask(document)
    const before = await deeds()
    const moved = await confirm(document, extensions.plan.confirm.token)
    expect([moved.status, moved.data ?? null]).toEqual([409, null])
    expect(moved.errors?.[0]?.extensions).toMatchObject({
      code: 'PLAN_MOVED',
      plan: { rows: [], events: [] },
    })
    expect(await deeds()).toEqual(before)
    const { token } = (moved.errors?.[0]?.extensions?.plan as ShownPlan | undefined)?.confirm ?? {}
    expect((await confirm(document, token)).errors).toBeUndefined()
  })

  it('does none of its parts when the second one of them has moved', async () => {
    const document = `mutation { ${key} ${trunk('raced')} }`
    const { extensions } = await plan(document)
    await hub.ask(`mutation { ${trunk('raced')} }`)
    const before = await deeds()
    const moved = await confirm(document, extensions.plan.confirm.token)
    expect(moved.errors?.[0]?.extensions?.code).toBe('PLAN_MOVED')
    expect(await deeds()).toEqual(before)
  })

  it('counts once, for one request of one caller', async () => {
    const document =
      'mutation ($name: String!) { createApiKey(name: $name, scopes: ["customers:read"]) { __typename } }'
    const { extensions } = await plan(document, { name: 'mine' })
    const { token } = extensions.plan.confirm
    const before = await deeds()
    const codeOf = ({ errors }: { errors?: { extensions?: Record<string, unknown> }[] }) =>
      errors?.[0]?.extensions?.code
    expect(codeOf(await confirm(document, token, { name: 'other' }))).toBe('CONFIRM_REFUSED')
    expect(codeOf(await confirm(`${document} `, token, { name: 'mine' }))).toBe('CONFIRM_REFUSED')
    expect(codeOf(await confirm(document, `${token}x`, { name: 'mine' }))).toBe('CONFIRM_REFUSED')
    const stranger = await hub.ask(
      document,
      { name: 'mine' },
      { token: await hub.token('admin', 'empty'), headers: { 'x-hub-confirm': token } },
    )
    expect(codeOf(stranger)).toBe('CONFIRM_REFUSED')
    const principal = await hub.token('admin')
    const both = await hub.ask(
      document,
      { name: 'mine' },
      { token: principal, headers: { ...PLAN, 'x-hub-confirm': token } },
    )
    expect([both.status, codeOf(both)]).toEqual([400, 'BAD_INPUT'])
    expect(codeOf(await hub.ask(document, { name: 'mine' }, { headers: { 'x-hub-plan': 'perhaps' } }))).toBe(
      'BAD_INPUT',
    )
    expect(await deeds()).toEqual(before)
    const twice = await Promise.all([
      confirm(document, token, { name: 'mine' }),
      confirm(document, token, { name: 'mine' }),
    ])
    expect(twice.map(codeOf).sort()).toEqual(['CONFIRM_SPENT', undefined])
    expect(codeOf(await confirm(document, token, { name: 'mine' }))).toBe('CONFIRM_SPENT')
  })

  it('goes over REST in the same way', async () => {
    const call = async (
      headers: Record<string, string>,
      input: object = { name: 'rest', ipAddresses: ['198.51.100.1'], concurrentCalls: 1, monthlyMinutes: 1 },
    ) => {
      const response = await fetch(`${hub.url}/api/v2/billing-accounts/PLAN-1/trunks`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await hub.token()}`,
          'content-type': 'application/json',
          ...headers,
        },
        body: JSON.stringify({ input }),
      })
      return {
        status: response.status,
        hash: response.headers.get('x-hub-plan'),
        body: (await response.json()) as Answered,
      }
    }
    const before = await deeds()
    const planned = await call(PLAN)
    expect([planned.status, planned.hash, planned.body.result.__typename]).toEqual([
      200,
      planned.body.plan.hash,
      'TrunkCreated',
    ])
    expect(planned.body.plan.rows).toContainEqual({
      part: 'telephony',
      table: 'telephony.trunks',
      operation: 'insert',
      count: 1,
    })
    expect(
      (await call(PLAN, { name: '', ipAddresses: [], concurrentCalls: 0, monthlyMinutes: 0 })).status,
    ).toBe(422)
    expect(await deeds()).toEqual(before)
    const token = { 'x-hub-confirm': planned.body.plan.confirm?.token as string }
    const done = await call(token)
    expect([done.status, done.hash, done.body.__typename]).toEqual([201, planned.hash, 'TrunkCreated'])
    const again = await call(token)
    expect([again.status, again.body.code]).toEqual([409, 'CONFIRM_SPENT'])
    const vendor = await fetch(`${hub.url}/api/v2/integrations/hubspot/${hubspot}/provision`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await hub.token()}`, ...PLAN },
    })
    expect([vendor.status, ((await vendor.json()) as { code: string }).code]).toEqual([
      409,
      'PLAN_NEEDS_VENDOR',
    ])
  })

  it('goes over MCP in the same way, and never without a plan', async () => {
    await using assistant = await assistantAt(hub.url, await hub.token())
    await using stranger = await assistantAt(hub.url, await hub.token('admin', 'empty'))
    const input = { name: 'mcp', ipAddresses: ['198.51.100.77'], concurrentCalls: 1, monthlyMinutes: 1 }
    const create = (confirm?: string, by = assistant) =>
      by.use('run_operation', { name: 'CreateTrunk', arguments: { ban: 'PLAN-1', input }, confirm })
    const before = await deeds()
    const planned = await create()
    const token = planned.plan?.confirm?.token
    expect(planned.plan?.rows).toContainEqual({
      ...{ part: 'telephony', table: 'telephony.trunks', operation: 'insert', count: 1 },
    })
    expect((await create(token, stranger)).error?.code).toBe('CONFIRM_REFUSED')
    expect((await create(`${token}x`)).error?.code).toBe('CONFIRM_REFUSED')
    expect(await deeds()).toEqual(before)
    expect(await create(token)).toMatchObject({ isError: false, done: { hash: planned.plan?.hash } })
    expect((await create(token)).error?.code).toBe('CONFIRM_SPENT')

    const pauseIn = (confirm?: string) => {
      const args = { integrationId: hubspot, direction: 'IN', type: 'tickets' }
      return assistant.use('run_operation', { name: 'PauseIntegration', arguments: args, confirm })
    }
    const first = (await pauseIn()).plan?.confirm?.token
    await hub.ask(pause('IN').replace('IN)', 'IN, type: "tickets")'))
    const paused = await deeds()
    const moved = await pauseIn(first)
    expect([moved.isError, moved.error?.code]).toEqual([true, 'PLAN_MOVED'])
    expect(await deeds()).toEqual(paused)
    expect((await pauseIn(moved.error?.plan?.confirm?.token)).isError).toBe(false)

    const vendor = { name: 'ProvisionHubSpot', arguments: { integrationId: hubspot } }
    const unplanned = await assistant.use('run_operation', vendor)
    expect(unplanned.error).toMatchObject({
      code: 'PLAN_NEEDS_VENDOR',
      message: expect.stringContaining('a person'),
    })
  })
})
