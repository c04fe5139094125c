/** A portal, the customers subgraph on it, and a person who is everywhere. */
import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import type { Principal } from '#kernel/principal.ts'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { type CustomersBed, customersBed, ORG, TEST_KEY } from '#test/kit/customers.ts'
import { askSubgraph, type Log, principal, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

export const ERASE = /* GraphQL */ `
  mutation ($subject: PersonSubject!, $preview: Boolean! = false, $reason: ErasureReason! = ASKED_BY_PERSON, $reference: String) {
    erasePerson(subject: $subject, reason: $reason, reference: $reference, preview: $preview) {
      __typename
      ... on PersonErased { erasureId preview hashes contactIds stores { store rows } }
      ... on Refusal { code message }
    }
  }`
export const LOOK_UP = /* GraphQL */ `
  query ($subject: PersonSubject!) {
    personData(subject: $subject) {
      __typename
      ... on PersonData { contactIds emails phones total isSuppressed stores { store rows } }
      ... on Refusal { code message }
    }
  }`
export const EXPORT = /* GraphQL */ `
  mutation ($subject: PersonSubject!) {
    exportPerson(subject: $subject) {
      __typename
      ... on PersonExported { fileName content stores { store rows } }
      ... on Refusal { code message }
    }
  }`
export const LIFT = /* GraphQL */ `
  mutation ($subject: PersonSubject!) {
    liftSuppression(subject: $subject, reason: ASKED_BY_PERSON) {
      __typename
      ... on SuppressionLifted { lifted }
      ... on Refusal { code message }
    }
  }`

/** Starts the customers subgraph on a bed, and asks it as an administrator unless told otherwise. */
export const privacyBed = async (options: { companies?: number; log?: Log } = {}) => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed({ companies: options.companies ?? 4 }))
  const running = stack.use(
    await startCustomers({
      ...startWith(bed.test.urls, options.log ? { log: options.log } : {}),
      encryptionKeys: [TEST_KEY],
      connect: { orgId: ORG, name: 'HubSpot', baseUrl: bed.portal.url, token: DEMO_TOKEN },
      limits: {},
      pollEveryMs: 0,
    }),
  )
  const raw = (query: string, variables: Record<string, unknown>, caller: Principal = principal(ORG)) =>
    askSubgraph(running.url, query, variables, caller)
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
  const ask = async (query: string, variables: Record<string, unknown>, caller?: Principal): Promise<any> => {
    const { data, errors } = await raw(query, variables, caller)
    if (errors) throw new Error(JSON.stringify(errors))
    return Object.values(data)[0]
  }
  await until(async () => (await lastRun(bed))?.state === 'COMPLETED')
  const all = stack.move()
  return { ...bed, url: running.url, graph: ask, raw, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
export type PrivacyBed = Awaited<ReturnType<typeof privacyBed>>

/** A second process of the same subgraph, for all that the database can tell. */
export const startAnother = async (bed: PrivacyBed) => {
  const running = await startCustomers({
    ...startWith(bed.test.urls),
    encryptionKeys: [TEST_KEY],
    limits: {},
    pollEveryMs: 0,
  })
  return {
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
    graph: async (query: string, variables: Record<string, unknown>): Promise<any> => {
      const { data } = await askSubgraph(running.url, query, variables, principal(ORG))
      return Object.values(data)[0]
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

const lastRun = (bed: CustomersBed) =>
  bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.runs').select('state').orderBy('requested_at', 'desc').executeTakeFirst(),
  )

export const JANE = {
  email: 'jane.canary@mail-canary.example',
  second: 'j.canary@home-canary.example',
  phone: '+1 (555) 867-5309',
  first: 'Janecanary',
  last: 'Doecanary',
}
/** Nothing of her may be found anywhere afterwards, however it is written. */
export const JANE_WORDS = [
  JANE.email,
  JANE.second,
  JANE.phone,
  '15558675309',
  '867-5309',
  JANE.first,
  JANE.last,
  'whispercanary',
]

/**
 * Puts Jane into the portal: as a contact of a company, merged with a double of hers, in a ticket and a deal, and named in a
 * company's and another ticket's words. @returns ids of the portal
 */
export const seedJane = async (bed: CustomersBed) => {
  const made = async (type: string, properties: Record<string, string>): Promise<string> => {
    const { results } = await bed
      .sim<{ results: { id: string }[] }>(`records/${type}`, { properties })
      .then((answer) => answer as unknown as { results: { id: string }[] })
    return results[0]!.id
  }
  const [company] = await bed.records('companies')
  const jane = await made('contacts', {
    email: JANE.email,
    firstname: JANE.first,
    lastname: JANE.last,
    phone: JANE.phone,
    jobtitle: 'Buyer whispercanary',
  })
  const double = await made('contacts', { email: JANE.second, firstname: JANE.first, lastname: JANE.last })
  const ticket = await made('tickets', {
    subject: `${JANE.first} is angry`,
    content: `${JANE.first} ${JANE.last} says whispercanary`,
    hs_pipeline: '0',
    hs_pipeline_stage: '1',
    hs_ticket_priority: 'HIGH',
  })
  const stranger = await made('tickets', {
    subject: `Mail of ${JANE.email.toUpperCase()}`,
    content: `Call ${JANE.phone} or write to:\n${JANE.second}`,
    hs_pipeline: '0',
    hs_pipeline_stage: '1',
  })
  const deal = await made('deals', {
    dealname: `Order by ${JANE.email}`,
    dealstage: 'qualifiedtobuy',
    pipeline: 'default',
    amount: '100',
  })
  await bed.sim('records/contacts', {
    id: jane,
    associate: { to: 'companies', id: company!.id, primary: true },
  })
  await bed.sim('records/tickets', { id: ticket, associate: { to: 'contacts', id: jane } })
  await bed.sim('records/tickets', {
    id: ticket,
    associate: { to: 'companies', id: company!.id, primary: true },
  })
  await bed.sim('records/deals', { id: deal, associate: { to: 'contacts', id: jane } })
  const note = await made('notes', {
    hs_note_body: `<p>${JANE.first} was upset: whispercanary</p>`,
    hs_timestamp: '2026-11-20T10:00:00Z',
  })
  const task = await made('tasks', {
    hs_task_subject: `Call ${JANE.first}`,
    hs_task_body: `Her number is ${JANE.phone}`,
    hs_timestamp: '2026-11-20T10:00:00Z',
  })
  for (const [type, id] of [
    ['notes', note],
    ['tasks', task],
  ])
    await bed.sim(`records/${type}`, { id, associate: { to: 'contacts', id: jane } })
  await bed.sim('records/companies', {
    id: company!.id,
    properties: { description: `Ask <${JANE.email}> first` },
  })
  return { jane, double, ticket, stranger, deal, company: company!.id }
}
