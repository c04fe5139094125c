/** A hub that is made to send all kinds of requests that it knows, with words in every text that may not leave, and what was received. */

import { sql } from 'kysely'
import { expect } from 'vitest'
import { DEMO_APP_ID, DEMO_DEVELOPER_API_KEY } from '#connectors/hubspot/simulator/index.ts'
import type { DB as TelephonyDB } from '#db/generated/telephony.ts'
import { publish } from '#events/outbox.ts'
import { systemClock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import { principalSeal } from '#kernel/principal.ts'
import { openVault } from '#kernel/vault.ts'
import { event } from '#schema/events.ts'
import { type SaidNumber, sealNumber } from '#schema/phone-number.ts'
import { takeHealth } from '#subgraphs/customers/commands/take-health.ts'
import { takeRecommendations } from '#subgraphs/customers/commands/take-recommendations.ts'
import type { OwnedType } from '#subgraphs/customers/domain/own-objects.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import type { LocalChanges } from '#sync/local-change.ts'
import { nameOf } from '#test/kit/business-names.ts'
import { ORG, TEST_KEY } from '#test/kit/customers.ts'
import { SECRET } from '#test/kit/graph.ts'
import { defineProperty } from '#test/kit/portal.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { freePorts } from '#test/kit/processes.ts'
import { startSmtp } from '#test/kit/smtp.ts'
import { askSubgraph, NO_SIBLINGS, principal, startWith } from '#test/kit/subgraph.ts'
import { startTap } from '#test/kit/tap.ts'
import { until } from '#test/kit/until.ts'
import { logged } from '#test/writers/bed.ts'
import { connectionsBed } from '../connections/bed.ts'

/** A trunk's id has letters, digits, dots, colons and dashes. */
const CARD_AS_ID = '4242-4242-4242-4242'
const developer = { appId: String(DEMO_APP_ID), apiKey: DEMO_DEVELOPER_API_KEY }

/** Starts it, connected and provisioned, before anything was written. */
export const outgoingBed = async () => {
  await using stack = new AsyncDisposableStack()
  const tap = stack.use(await startTap())
  const smtp = stack.use(await startSmtp())
  const base = stack.use(await testDatabase<TelephonyDB>('telephony'))
  const [port, phonePort] = [await freePorts(1), await freePorts(1)]
  const at = (number: number) => `http://127.0.0.1:${number}`
  const siblings = { ...NO_SIBLINGS, customers: at(port), telephony: at(phonePort) }
  const seal = principalSeal(SECRET, systemClock)
  const telephony = stack.use(await startTelephony(startWith(base.urls, { port: phonePort, siblings, seal })))
  const mail = { url: smtp.url, from: 'Tributary <hello@tributary.example>' }
  const bed = stack.use(
    await connectionsBed({
      companies: 8,
      customers: { port, siblings, developer, mail, hubspotUrl: tap.url },
    }),
  )
  tap.to(bed.portal.url)
  await defineProperty(bed.portal, 'companies', { name: 'hubspotscore', label: 'Score', type: 'number' })
  const integrationId = await bed.connect()
  await bed.settled()
  await bed.approve(integrationId)
  await bed.database.transaction(ORG, async (tx) => {
    await sql`update customers.integrations set auto_create_tasks = true, auto_create_deals = true`.execute(
      tx,
    )
  })
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
  const asking = async (url: string | null, query: string, variables: object): Promise<any> => {
    const { data, errors } = await askSubgraph(url, query, { ...variables }, principal(ORG), seal)
    if (errors) throw new Error(`${query}: ${JSON.stringify(errors)}`)
    return Object.values(data)[0]
  }
  const graph = (query: string, variables: object = {}) => asking(bed.customersUrl, query, variables)
  const phone = (query: string, variables: object = {}) => asking(telephony.url, query, variables)
  const rows = async <T>(query: ReturnType<typeof sql<T>>): Promise<T[]> =>
    (await bed.database.read(ORG, (tx) => query.execute(tx))).rows
  const provision = async () => {
    const made = await graph(
      'mutation ($id: ID!) { provisionHubSpot(integrationId: $id) { ... on HubSpotProvisioned { problems { message } } } }',
      { id: integrationId },
    )
    expect(made).toEqual({ problems: [] })
    await bed.settled()
  }
  await provision()
  const all = stack.move()
  return {
    ...bed,
    ...{ integrationId, graph, phone, rows, provision },
    /** What telephony tells, as its commands would. */
    tell: (events: Parameters<typeof publish>[2]) =>
      base.database.transaction(ORG, (tx) => publish(tx, ORG, events, systemClock.now())),
    passed: tap.passed,
    mails: smtp.mails,
    /** Changes records here, as a writer does. */
    change: (type: OwnedType, changes: LocalChanges) =>
      bed.database.transaction(ORG, (tx) =>
        changeRecords(tx, { orgId: ORG, integrationId, type }, changes, bed.clock.now()),
      ),
    /** Waits until the portal has been told everything. */
    written: () =>
      until(async () => {
        const waiting = await rows(sql`select type, local_id, error_code from sync.outgoing`)
        const events = await rows(
          sql`select from customers.timeline_events where state in ('WAITING', 'SENDING')`,
        )
        if (waiting.length + events.length === 0) return true
        throw new Error(JSON.stringify([waiting, events]))
      }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type OutgoingBed = Awaited<ReturnType<typeof outgoingBed>>

const website = (said: string) => `https://canary.example/?q=${encodeURIComponent(said)}`
const SAID_OF: Readonly<Record<string, (said: string) => object>> = {
  Company: (said) => ({ name: said, website: website(said), city: said, country: said }),
  Contact: (said) => ({ firstName: said, lastName: said, jobTitle: said }),
  Deal: (said) => ({ name: said }),
  Ticket: (said) => ({
    ...{ subject: said, warpTrunkId: said, warpCallId: said },
    properties: [
      {
        name: 'warp_technical_details',
        value: JSON.stringify({ note: said, apiKey: said, e911Address: said, [said]: 1 }),
      },
    ],
  }),
  Task: (said) => ({ subject: said, body: said }),
  Note: (said) => ({ body: said }),
}
const NEEDED: Readonly<Record<string, object>> = {
  Deal: { stage: 'qualifiedtobuy' },
  Ticket: { stage: '1' },
  Task: { dueAt: '2027-01-01T00:00:00Z' },
}
const REFUSAL = '__typename ... on Invalid { field message } ... on Refusal { code message }'

/** Makes a record of every kind, changes it and one made before, and deletes it, all saying `said` wherever they can say anything. */
export const writeRecords = async (bed: OutgoingBed, said: string): Promise<void> => {
  for (const [type, inputOf] of Object.entries(SAID_OF)) {
    const shown = type === 'Company' ? 'customer { id }' : `${type.toLowerCase()} { id }`
    const one = type === 'Company' ? 'customerId' : 'id'
    const write = async (verb: string, kind: string, args: string, passed: string, variables: object) => {
      const answer = await bed.graph(
        `mutation (${args}) { ${verb}${type}(${passed}) { ${REFUSAL} ${kind === 'RecordDeleted' ? '' : `... on ${kind} { ${shown} }`} } }`,
        variables,
      )
      if (answer.__typename !== kind) throw new Error(`${verb}${type}: ${JSON.stringify(answer)}`)
      return (answer.customer ?? answer[type.toLowerCase()])?.id as string
    }
    const input = `$input: ${type}Input!`
    const make = (words: string) =>
      write('create', `${type}Written`, input, 'input: $input', {
        input: { ...NEEDED[type], ...inputOf(words) },
      })
    const [id, gone] = [await make(`Made ${said}`), await make(`Gone ${said}`)]
    await bed.written()
    const changed = { id, input: inputOf(`Changed ${said}`) }
    await write('update', `${type}Written`, `$id: ID!, ${input}`, `${one}: $id, input: $input`, changed)
    await write('delete', 'RecordDeleted', '$id: ID!', `${one}: $id`, { id: gone })
    await bed.written()
  }
}

/** Has every text of every kind of record say `said`, as a writer of the hub could, of a record that is there and of one that is made. */
export const writeEveryText = async (bed: OutgoingBed, said: string): Promise<string[]> => {
  const texts = await bed.rows<{ type: OwnedType; name: string }>(sql`
    select type, name from customers.portal_properties where kind = 'string' and not is_read_only and not is_unique
      and type not in ('trunks', 'numbers')
      and archived_at is null order by type, name`)
  const companies = await bed.rows<{ external_id: string }>(sql`
    select external_id from customers.companies where gone_at is null order by id limit 1`)
  const links = { '@companies': [companies[0]?.external_id ?? ''] }
  const own: Record<string, object> = {
    trunks: {
      name: said,
      trunk_id: said,
      company_id: said,
      ip_addresses: said,
      partition_id: said,
      ...links,
    },
    numbers: {
      ...{ number: said, company_id: said, trunk_id: said, cnam: said, e911_hash: said },
      ...links,
    },
  }
  const all = Map.groupBy(texts, ({ type }) => type)
  for (const [type, values] of Object.entries(own))
    await bed.change(type as OwnedType, {
      creates: [{ localId: idFrom(ORG, type, said), values: values as never }],
    })
  for (const [type, named] of all) {
    const values = Object.fromEntries(named.map(({ name }) => [name, said]))
    const [known] = await bed.rows<{ id: string }>(sql`
      select id from ${sql.table(`customers.${type}`)} where gone_at is null
      order by source_created_at desc nulls first, id limit 1`)
    await bed.change(type, {
      updates: known ? [{ localId: known.id, values }] : [],
      creates: [{ localId: idFrom(ORG, type, said), values: { ...FIRST[type], ...values } }],
    })
  }
  await bed.written()
  return [
    ...texts.map(({ type, name }) => `${type}.${name}`),
    ...Object.entries(own).flatMap(([type, values]) =>
      Object.keys(values)
        .filter((name) => !name.startsWith('@'))
        .map((name) => `${type}.${name}`),
    ),
  ]
}
const FIRST: Readonly<Partial<Record<OwnedType, Record<string, string>>>> = {
  deals: { pipeline: 'default', dealstage: 'qualifiedtobuy' },
  tickets: { hs_pipeline: '0', hs_pipeline_stage: '1' },
  tasks: { hs_timestamp: '2027-01-01T00:00:00Z' },
  notes: { hs_timestamp: '2027-01-01T00:00:00Z' },
}

/** Whose number it is whose emergency address the hub keeps, and which number. */
const KEPT = { ban: 'STREET-1', numberId: idFrom('number with a street') }

/** Keeps the emergency address of a number of the organisation, sealed as telephony tells it. */
export const keepStreet = async (bed: OutgoingBed, address: SaidNumber['address']): Promise<void> => {
  const { ban, numberId } = KEPT
  const sealed = sealNumber(openVault([TEST_KEY]), ORG, numberId, {
    ...{ number: '+13035550147', cnam: null, address },
  })
  // Of whoever has a domain of his own: of two the account could be either's.
  const [company] = await bed.rows(sql<{ domain: string }>`
    select match_domain as domain from customers.companies where gone_at is null and match_domain is not null
    group by 1 having count(*) = 1 order by 1 limit 1`)
  const at = bed.clock.now().toISOString()
  const usd = { amount: '1', currency: 'USD' }
  await bed.tell([
    event('telephony.account.changed', ban, {
      ...{
        ban,
        name: nameOf(company!.domain, 'Street'),
        domain: company!.domain,
        status: 'ACTIVE',
        tier: 'GROWTH',
        mrr: usd,
      },
      ...{ creditLimit: usd, paymentStatus: 'CURRENT', contractEnd: null, createdAt: at, observedAt: at },
    }),
    event('telephony.number.changed', ban, {
      ...{ numberId, ban, trunkId: null, type: 'LOCAL', sealed, createdAt: at, observedAt: at },
    }),
  ])
  // Its record is there, and the street is found in texts.
  await until(async () => {
    const found = await bed.rows(sql`
      select from customers.timeline_told where subject = 'NUMBER' and placed_as_of is not null and street_mark is not null`)
    return found.length > 0
  })
  await bed.written()
}

/**
 * Lets everybody who writes by himself do so, about somebody whose account, trunks, advice and mails say `said`, or `short` where there is
 * no more room.
 */
export const letWritersWrite = async (bed: OutgoingBed, said: string, short: string): Promise<void> => {
  const { nodes } = await bed.graph(
    '{ customers(first: 50) { nodes { id domain hubspotCompanyId contacts(first: 1) { nodes { id email } } } } }',
  )
  type Shown = { domain: string | null; contacts: { nodes: { email: string | null }[] } }
  const customer = nodes.find(
    ({ domain, contacts }: Shown) =>
      domain &&
      nodes.filter((each: Shown) => each.domain === domain).length === 1 &&
      contacts.nodes.some(({ email }) => email),
  )
  const { id: customerId, hubspotCompanyId: objectId } = customer
  // What timelines are told, as others post it and as telephony tells it.
  const token = (name: string) => ({ name, value: said })
  const input = { objectType: 'company', objectId, eventTemplateId: 'trunk_created' }
  const posted = await bed.graph(
    `mutation ($input: TimelineEventInput!) { postTimelineEvent(input: $input) { ${REFUSAL} } }`,
    { input: { ...input, tokens: [token('trunk_id'), token('trunk_name')] } },
  )
  expect(posted).toEqual({ __typename: 'TimelineEventPosted' })
  const words = {
    subject: `Welcome {{customer}}, ${short}`,
    body: `Dear {{firstName}}, {{billingAccount}}: ${said}`,
  }
  const saved = await bed.graph(
    `mutation ($subject: String, $body: String) { setWelcomeMail(expectedVersion: 1, sendsMail: true, subject: $subject, body: $body) {
      __typename ... on Refusal { message } } }`,
    words,
  )
  expect(saved).toEqual({ __typename: 'OnboardingSettingsSaved' })
  await bed.graph('mutation ($id: ID!) { startOnboarding(customerId: $id) { __typename } }', {
    id: customerId,
  })
  const account = await bed.phone(
    'mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { __typename ... on BillingAccountCreated { account { ban } } ... on Refusal { message } } }',
    {
      input: {
        ...{ name: short, domain: customer.domain, tier: 'GROWTH' },
        mrr: '1',
        creditLimit: '1',
        currency: 'USD',
      },
    },
  )
  expect(account.__typename).toBe('BillingAccountCreated')
  // It is called like no company, so somebody has to say whose it is.
  await until(async () => {
    const found = await bed.rows(
      sql`select from customers.identities where account_id = ${account.account.ban}`,
    )
    return found.length > 0
  })
  const { version } = await bed.graph('query ($id: ID!) { customer(id: $id) { version } }', {
    id: customerId,
  })
  const linked = await bed.graph(
    `mutation ($id: ID!, $ban: ID!, $version: Int!) { linkIdentity(customerId: $id, account: { system: WARP, accountId: $ban }, expectedVersion: $version) { __typename ... on Refusal { message } } }`,
    { id: customerId, ban: account.account.ban, version },
  )
  expect(linked).toEqual({ __typename: 'Linked' })
  const made = await bed.phone(
    'mutation ($ban: ID!, $input: TrunkInput!) { createTrunk(ban: $ban, input: $input) { __typename ... on Refusal { message } } }',
    {
      ban: account.account.ban,
      input: { name: short, ipAddresses: ['192.0.2.1'], concurrentCalls: 1, monthlyMinutes: 1 },
    },
  )
  expect(made).toEqual({ __typename: 'TrunkCreated' })
  // What insights advises, and how the customer is.
  await bed.database.transaction(ORG, async (tx) => {
    const at = bed.clock.now().toISOString()
    await takeRecommendations(changeRecords, () => bed.clock.now())(tx, ORG, [
      logged('insights.recommendation.changed', customerId, {
        ...{ recommendationId: idFrom(ORG, 'advice'), customerId, action: said, reasoning: said },
        ...{
          requiresHumanAction: true,
          priority: 'HIGH',
          dueAt: null,
          state: 'DONE',
          outcome: said,
          observedAt: at,
        },
      }),
    ])
    await takeHealth(changeRecords, () => bed.clock.now())(tx, ORG, [
      logged('insights.health.changed', customerId, {
        ...{ customerId, score: '42', previousScore: null, confidence: '1', asOf: at },
      }),
    ])
  })
  // What is measured.
  const measured = {
    trigger: 'ASR_BELOW_THRESHOLD',
    customerId,
    trunkId: CARD_AS_ID,
    currentAsr: 0.1,
    threshold: 0.5,
  }
  const ticket = await bed.graph(
    `mutation ($input: AutoTicketInput!) { openAutoTicket(input: $input) { ${REFUSAL} } }`,
    { input: { ...measured, period: '4242 4242 4242 4242' } },
  )
  expect(ticket).toEqual({ __typename: 'AutoTicketOpened' })
  // A promising lead, and an old caller's person.
  await bed.sim('records/companies', {
    properties: { name: `Lead ${said}`, hubspotscore: '90' },
  })
  await bed.graph('mutation { startHubSpotSync(mode: INCREMENTAL) { __typename } }')
  await bed.settled()
  const leads = await bed.graph(
    'mutation ($id: ID!) { openLeadDeals(integrationId: $id) { __typename ... on Refusal { message } } }',
    { id: bed.integrationId },
  )
  expect(leads).toEqual({ __typename: 'LeadDealsOpened' })
  const contact = {
    email: 'old.caller@example.org',
    firstName: said,
    lastName: said,
    title: said,
    company: said,
  }
  const synced = await bed.graph(
    `mutation ($input: CrmSyncInput!) { syncToCrm(input: $input) { ${REFUSAL} } }`,
    { input: { entityType: 'contact', contact } },
  )
  expect(synced).toEqual({ __typename: 'CrmSynced' })
  await until(() => bed.mails.length > 0)
  await bed.written()
}
