import { afterAll, beforeAll, expect, it } from 'vitest'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { session } from '#db/session.ts'
import { openVault } from '#kernel/vault.ts'
import { PERSONAL_MAP } from '#subgraphs/customers/domain/personal-map.ts'
import { type RunningHub, startHub } from '#test/kit/hub.ts'
import { adminUrl } from '#test/kit/postgres.ts'
import { runAnew } from '#test/kit/runs.ts'
import { type Hit, searchDatabase, searchTexts } from '#test/kit/searching.ts'
import { TEST_KEY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { startReceiver } from '#test/telemetry/receiver.ts'
import {
  askAssistants,
  askWrongly,
  failingPortal,
  PERSON,
  PERSON_WORDS,
  SECRET_WORDS,
  SECRETS,
  seedRecords,
  sendWebhooks,
} from './canaries.ts'

const WEBHOOK_SECRET = 'the client secret of the app of this test'
const stack = new AsyncDisposableStack()
let hub: RunningHub
const answers: string[] = []
const told: string[] = []
let receiver: Awaited<ReturnType<typeof startReceiver>>

const urlOf = (subgraph: Subgraph): string => {
  const at = new URL(adminUrl())
  at.pathname = `/${hub.env.DATABASE_PREFIX}${subgraph}`
  return at.href
}
const everywhere = async (words: readonly string[]): Promise<Hit[]> =>
  (
    await Promise.all(
      SUBGRAPHS.map(async (name) =>
        (await searchDatabase(urlOf(name), words)).map((hit) => ({ ...hit, place: `${name}: ${hit.place}` })),
      ),
    )
  ).flat()
const everythingSaid = async (): Promise<string[]> => {
  const vault = openVault([TEST_KEY])
  const rows = await hub.rows<{ org_id: string; conversation_id: string; number: number; sealed: string }>(
    'hub',
    'select org_id, conversation_id, number, sealed from hub.conversation_turns',
  )
  return rows.map(({ org_id, conversation_id, number, sealed }) =>
    vault.open(sealed, `${org_id}:hub.conversation_turns:${conversation_id}:${number}`),
  )
}
const brief = (hits: readonly Hit[]) =>
  [...new Set(hits.map(({ place, word, around }) => `${place}: ${word} in ${around}`))].slice(0, 20)

beforeAll(async () => {
  receiver = stack.use(await startReceiver())
  hub = stack.use(
    await startHub({
      databaseUrl: adminUrl(),
      companies: 10,
      env: {
        ...{ LOG_LEVEL: 'info', LOG_DEBUG: '*', HUBSPOT_CLIENT_SECRET: WEBHOOK_SECRET },
        HUB_ENCRYPTION_KEYS: TEST_KEY,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      },
    }),
  )
  await hub.synced()
  const contact = await seedRecords(hub)
  await runAnew(hub)
  answers.push(...(await sendWebhooks(hub, contact, WEBHOOK_SECRET)))
  // A record that cannot be stored, for a reason that nobody has foreseen.
  await session(urlOf('customers'), (client) =>
    client.query(`alter table customers.companies add constraint no_poison check (name not like 'Poison%')`),
  )
  await hub.sim('hubspot', 'records/companies', {
    properties: { name: `Poison ${PERSON.email} ${PERSON.phone} ${PERSON.last} ${SECRETS.card}` },
  })
  await runAnew(hub)
  await hub.sim('hubspot', 'faults', { list: failingPortal })
  await hub.sim('hubspot', 'records/contacts', { id: contact, properties: { jobtitle: 'Changed' } })
  await runAnew(hub)
  await runAnew(hub)
  answers.push(...(await askWrongly(hub)))
  told.push(...(await askAssistants(hub)))
}, 120_000)
afterAll(() => stack.disposeAsync())

it('fault 71: no card, key or token that came by record, webhook, error or request is in any column of any database', async () => {
  // That they were sent, and taken in where they may be.
  expect((await everywhere([PERSON.first])).map(({ place }) => place)).toContain(
    'customers: customers.contacts.first_name',
  )
  expect(
    await hub.rows(
      'customers',
      `select from customers.tickets where properties ->> 'content' like '%[card number]%[key]%'`,
    ),
  ).toHaveLength(1)
  expect(brief(await everywhere(SECRET_WORDS))).toEqual([])
})

it('fault 71: a person is only in the columns that are known to hold persons', async () => {
  const known = new Set(
    Object.entries(PERSONAL_MAP).flatMap(([table, { holds = [], mentions = [] }]) =>
      [...holds, ...mentions].map((column) => `customers: ${table}.${column}`),
    ),
  )
  const hits = await everywhere(PERSON_WORDS)
  expect(brief(hits.filter(({ place }) => !known.has(place)))).toEqual([])
})

it('fault 71: no log line of any process tells of any of them, with the details of every area on', async () => {
  const lines = hub.output().split('\n')
  expect(lines.length).toBeGreaterThan(50)
  const details = lines.filter((line) => line.includes('"level":20'))
  for (const area of ['customers:webhooks', 'customers:hubspot'])
    expect(
      details.some((line) => line.includes(`"area":"${area}"`)),
      area,
    ).toBe(true)
  expect(brief(searchTexts('output', lines, [...SECRET_WORDS, ...PERSON_WORDS]))).toEqual([])
})

it('fault 71: no trace tells of any of them, of whichever process', async () => {
  await until(async () => receiver.spans.some(({ name }) => name === 'HubSpot'))
  await until(async () => receiver.spans.some(({ name }) => name === 'CHAT POST'))
  expect(brief(searchTexts('traces', receiver.texts, [...SECRET_WORDS, ...PERSON_WORDS]))).toEqual([])
})

it('fault 71: no answer to an assistant quotes any of them', () => {
  expect(told).toHaveLength(5)
  expect(told[0]).toContain('"result"')
  expect(brief(searchTexts('told', told, [...SECRET_WORDS, ...PERSON_WORDS]))).toEqual([])
})

it('fault 71: no refusal and no error quotes any of them', () => {
  expect(answers).toHaveLength(48)
  expect(brief(searchTexts('answers', answers, [...SECRET_WORDS, ...PERSON_WORDS]))).toEqual([])
})

it('fault 71: neither the audit of all parts nor the measures of any process tell of any of them', async () => {
  const told = [JSON.stringify(await hub.ask('Audit', { first: 200 }))]
  expect(told[0]).toContain('"operation"')
  const measures = await fetch(`${hub.url}/metrics`)
  expect(measures.status).toBe(200)
  told.push(await measures.text())
  expect(told[1]).toContain('hub_operation_seconds')
  expect(brief(searchTexts('told', told, [...SECRET_WORDS, ...PERSON_WORDS]))).toEqual([])
})

it('fault 71: neither what is told of runs, failures and changes to clients does', async () => {
  const shown = await Promise.all(
    ['SyncRuns', 'SyncLogs', 'DeadLetters', 'Integrations'].map(async (name) =>
      JSON.stringify(await hub.ask(name, { first: 50 })),
    ),
  )
  expect(shown.join()).toContain('HUB_RECORD_CONFLICTS')
  expect(brief(searchTexts('shown', shown, [...SECRET_WORDS, ...PERSON_WORDS]))).toEqual([])
})

it('fault 72: an erased person is in no database of the hub any more, whichever subgraph had heard of the person', async () => {
  // What people said of her, and an answer that holds all of her: both sealed, so they are opened before they are searched.
  const answersKept = () => hub.rows('hub', 'select from hub.keyed_requests where answer is not null')
  const exported = await fetch(`${hub.url}/api/v2/privacy/export`, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${await hub.token()}`, 'content-type': 'application/json' },
      'idempotency-key': 'export-of-the-canary',
    },
    body: JSON.stringify({ subject: { email: PERSON.email } }),
  })
  expect(await exported.text()).toContain(PERSON.last)
  expect(await answersKept()).toHaveLength(1)
  const saidOfHer = async () => searchTexts('said', await everythingSaid(), PERSON_WORDS)
  expect((await saidOfHer()).length).toBeGreaterThan(0)
  const { data, errors } = await hub.ask('ErasePerson', {
    subject: { email: PERSON.email },
    reason: 'ASKED_BY_PERSON',
  })
  expect(errors).toBeUndefined()
  await until(async () => (await answersKept()).length === 0)
  expect(await saidOfHer()).toEqual([])
  const [contactId] = data.erasePerson.contactIds as string[]
  // Names in other records' words are nobody's in particular: what tells who is meant is gone.
  expect(brief(await everywhere([PERSON.email, PERSON.phone, '15557654321', '765-4321']))).toEqual([])
  const contacts = await hub.rows('customers', `select from customers.contacts where id = '${contactId}'`)
  expect(contacts).toEqual([])
  // The act is in the list of all parts, and none of the person's data with it.
  const acts = await until(async () => {
    const { data } = await hub.ask('Audit', { operation: 'erasePerson' })
    return data.audit.nodes.length > 0 && data.audit.nodes
  })
  expect(acts).toEqual([
    expect.objectContaining({ part: 'CUSTOMERS', actor: expect.objectContaining({ kind: 'USER' }) }),
  ])
  expect(brief(searchTexts('acts', [JSON.stringify(acts)], [...SECRET_WORDS, ...PERSON_WORDS]))).toEqual([])
  // That there was somebody stays, as a random id; whose, when and what does not.
  await until(async () => {
    const known = await hub.rows(
      'insights',
      `select from insights.signals where record_id = '${contactId}'
        and num_nonnulls(account_id, amount, label, happened_at, observed_at) > 0`,
    )
    return known.length === 0
  })
})

interface Act {
  who_id: string
  action: string
  subject_id: string
  diff: unknown
}
const audited = async (): Promise<Act[]> =>
  (
    await Promise.all(
      SUBGRAPHS.map((name) =>
        hub.rows<Act>(name, 'select who_id, action, subject_id, diff from service.audit_log'),
      ),
    )
  ).flat()

it('writes down who did what to which record, whichever subgraph did it, and none of the personal values', async () => {
  const { data } = await hub.ask('{ integrations { id system } }')
  const hubspot = data.integrations.find((one: { system: string }) => one.system === 'HUBSPOT').id
  const done: [mutation: string, args: string][] = [
    ['createApiKey', '(name: "k", scopes: ["customers:read"]) { __typename }'],
    [
      'createBillingAccount',
      '(input: { ban: "BAN-CANARY", name: "Name Canary", numbers: [{ number: "+13035551007", cnam: "CANARY" }] }) { __typename }',
    ],
    [
      'createTrunk',
      '(ban: "BAN-CANARY", input: { name: "t", ipAddresses: ["192.0.2.7"], concurrentCalls: 1, monthlyMinutes: 1 }) { __typename }',
    ],
    [
      'createPhoneNumber',
      '(ban: "BAN-CANARY", input: { number: "+13035551008", cnam: "CANARY" }) { __typename }',
    ],
    ['startC3Sync', '(mode: INCREMENTAL) { __typename }'],
    ['startHubSpotSync', '(mode: INCREMENTAL) { __typename }'],
    ['pauseIntegration', `(integrationId: "${hubspot}", direction: OUT) { __typename }`],
    ['resumeIntegration', `(integrationId: "${hubspot}", direction: OUT) { __typename }`],
    ['exportPerson', '(subject: { email: "canary@mail-canary.example" }) { __typename }'],
    ['erasePerson', '(subject: { email: "canary@mail-canary.example" }, reason: LEGAL_DUTY) { __typename }'],
    [
      'liftSuppression',
      '(subject: { email: "canary@mail-canary.example" }, reason: NEW_RELATIONSHIP) { __typename }',
    ],
  ]
  for (const [mutation, args] of done) {
    const before = await audited()
    const { data, errors } = await hub.ask(
      `mutation { ${mutation}${args.replace('__typename', '__typename ... on Refusal { message }')} }`,
    )
    expect(errors, mutation).toBeUndefined()
    expect(data[mutation].message, mutation).toBeUndefined()
    const after = await audited()
    const mine = after.filter(({ who_id }) => who_id === 'demo:admin')
    expect(mine.length, mutation).toBeGreaterThan(
      before.filter(({ who_id }) => who_id === 'demo:admin').length,
    )
    expect(after.every(({ action, subject_id }) => action && subject_id)).toBe(true)
  }
  expect(JSON.stringify(await audited()).replaceAll('BAN-CANARY', '')).not.toMatch(/canary|\+1303555100/i)
})
