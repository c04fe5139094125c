/** Words that nobody may find where they do not belong, and the many ways on which they are sent into a hub. */
import { signV3 } from '#connectors/hubspot/webhook.ts'
import { systemClock } from '#kernel/clock.ts'
import type { RunningHub } from '#test/kit/hub.ts'

/** Belong nowhere in the hub. Each is sent as it is; what is looked for is what is left when signs between digits are gone. */
export const SECRETS = {
  card: '4242 4242 4242 4242',
  amex: '3782-822463-10005',
  warpKey: 'sk_live_51CanaryKeyOfWarp',
  hubspotToken: 'pat-na1-0ddba11c-ca4a-4111-8111-0ca4a4900000',
  signedToken: 'eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJvYXV0aCJ9.Y2FuYXJ5b2F1dGhzaWduYXR1cmU',
}
export const SECRET_WORDS = [
  ...Object.values(SECRETS),
  '4242424242424242',
  '378282246310005',
  'CanaryKeyOfWarp',
]
/** Belong to the record of a person, and nowhere else. */
export const PERSON = {
  email: 'carla.canary@mail-canary.example',
  phone: '+1 (555) 765-4321',
  first: 'Carlacanary',
  last: 'Vogelcanary',
}
export const PERSON_WORDS = [...Object.values(PERSON), '15557654321', '765-4321']

const everything = `${Object.values(SECRETS).join(' , ')} of ${PERSON.first} ${PERSON.last} <${PERSON.email}> ${PERSON.phone}`

/** Puts the words into records of every kind, as people in HubSpot write them. */
export const seedRecords = async (hub: RunningHub): Promise<string> => {
  const put = async (type: string, properties: Record<string, string>): Promise<string> => {
    const answer = await hub.sim<{ results: { id: string }[] }>('hubspot', `records/${type}`, { properties })
    return answer.results[0]!.id
  }
  const contact = await put('contacts', {
    email: PERSON.email,
    phone: PERSON.phone,
    firstname: PERSON.first,
    lastname: PERSON.last,
    jobtitle: `Key ${SECRETS.warpKey} card ${SECRETS.card}`,
  })
  await put('tickets', { subject: everything, content: everything, hs_pipeline: '0', hs_pipeline_stage: '1' })
  await put('companies', { name: `Canary Works ${SECRETS.hubspotToken}`, description: everything })
  await put('deals', { dealname: everything, pipeline: 'default', dealstage: 'qualifiedtobuy' })
  await put('notes', { hs_note_body: `<p>${everything}</p>`, hs_timestamp: new Date(0).toISOString() })
  await put('tasks', { hs_task_subject: everything, hs_task_body: everything, hs_timestamp: '0' })
  return contact
}

const REFUSED = [
  [
    'ConnectHubSpotWithToken',
    {
      accessToken: SECRETS.hubspotToken,
      refreshToken: SECRETS.signedToken,
      name: everything,
      integrationId: everything,
    },
  ],
  ['ConnectCrm', { crm_type: everything, access_token: SECRETS.hubspotToken }],
  [
    'SaveMapping',
    {
      integrationId: everything,
      objectType: 'COMPANIES',
      changes: [{ field: everything, properties: [everything] }],
      expectedVersion: 1,
    },
  ],
  [
    'SavePolicy',
    {
      integrationId: everything,
      expectedVersion: 1,
      changes: { fields: [{ objectType: 'COMPANIES', field: everything, policy: 'HUB' }] },
    },
  ],
  ['ImportPolicy', { integrationId: everything, document: everything }],
  ['ResolveHubSpotConflict', { id: everything, choice: 'VALUE', value: everything, expectedVersion: 1 }],
  ['ImportMappings', { integrationId: everything, document: everything }],
  [
    'mutation ($s: [String!]!) { createApiKey(name: "x", scopes: $s) { __typename ... on Refusal { message } } }',
    { s: [everything] },
  ],
  ['CreateApiKey', { name: everything, scopes: everything }],
  ['Customer', { id: everything }],
  ['Customers', { first: everything, after: everything }],
  ['StartHubSpotSync', { integrationId: everything, mode: everything }],
  ['StartHubSpotSync', { integrationId: everything }],
  ['DismissDeadLetter', { id: '00000000-0000-4000-8000-000000000009', because: everything }],
  ['ErasePerson', { subject: { contactId: everything }, reason: 'LEGAL_DUTY' }],
  ['ErasePerson', { subject: { email: 'nobody@example.com' }, reason: everything }],
  ['ErasePerson', { subject: { phone: '1' }, reason: 'LEGAL_DUTY', reference: everything }],
  ['LinkIdentity', { customerId: everything, account: { system: everything }, expectedVersion: everything }],
  ['CreateBillingAccount', { input: { ban: everything, name: 17, numbers: [{ number: PERSON.phone }] } }],
  ['Trunk', { id: everything }],
  [`{ customer(id: "${everything}") { ${SECRETS.warpKey} } }`, {}],
  [`query ${SECRETS.warpKey} { customer(id: ${JSON.stringify(everything)}) { id } broken(`, {}],
  [
    `{ customers(filter: { name: ${JSON.stringify(everything)} }, orderBy: ${SECRETS.warpKey}) { nodes { id } } }`,
    {},
  ],
  [SECRETS.signedToken.replaceAll(/[.-]/g, '_'), {}],
] as const

/** Asks for what cannot be, quoting the words everywhere. @returns what was answered */
export const askWrongly = async (hub: RunningHub): Promise<string[]> => {
  const answers: string[] = []
  for (const [document, variables] of REFUSED)
    answers.push(JSON.stringify(await hub.ask(document, variables)))
  const token = await hub.token()
  const raw = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${hub.url}${path}`, init)
    answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`)
  }
  const as = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const said = encodeURIComponent(everything)
  for (const path of [
    `/api/v2/customers/${said}`,
    `/api/v2/customers?first=${said}`,
    `/api/nothing/${said}`,
    `/${said}`,
    `/api/v2/customers/%${said}`,
  ])
    await raw(path, { headers: as })
  for (const body of [
    everything,
    `{"subject": "${everything}`,
    JSON.stringify({ subject: everything, reason: everything }),
  ])
    for (const path of ['/api/v2/privacy/erase', '/api/v2/api-keys', '/graphql'])
      await raw(path, { method: 'POST', headers: as, body })
  // Who is not known at all.
  for (const authorization of [
    `Bearer ${SECRETS.signedToken}`,
    `Bearer ${SECRETS.warpKey}`,
    `Basic ${btoa(everything)}`,
  ])
    await raw('/graphql', {
      method: 'POST',
      headers: { ...as, authorization },
      body: '{"query":"{ viewer { name } }"}',
    })
  await raw('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': SECRETS.warpKey,
      cookie: `sid=${SECRETS.signedToken}`,
    },
    body: '{"query":"{ viewer { name } }"}',
  })
  return answers
}

/** Tells and asks the doors of programs and sentences what quotes the words. @returns what was answered, but what belongs to who said it */
export const askAssistants = async (hub: RunningHub): Promise<string[]> => {
  const headers = {
    authorization: `Bearer ${await hub.token()}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${hub.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return `${answer.status} ${await answer.text()}`
  }
  const call = (name: string, given: object) =>
    post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } })
  // Who says something is told what was understood of it: what counts is what is left of that in the hub.
  await post('/chat', { text: `show me customer ${everything}` })
  await post('/chat', { text: everything })
  return [
    await call('search_operations', { query: everything }),
    await call('run_operation', { operation: everything, variables: { id: everything } }),
    await call('run_operation', { operation: 'Customer', variables: { id: everything } }),
    await call(everything, {}),
    await post('/chat', { text: 17, [SECRETS.warpKey]: everything }),
  ]
}

/** Sends webhooks that quote the words: signed, forged, and unreadable. @returns what was answered */
export const sendWebhooks = async (hub: RunningHub, contact: string, secret: string): Promise<string[]> => {
  const [{ portal_id: portalId }] = (await hub.rows<{ portal_id: string }>(
    'customers',
    'select portal_id from customers.integrations where portal_id is not null',
  )) as [{ portal_id: string }]
  const url = `${hub.url}/api/v1/webhooks/hubspot`
  const send = async (body: string, key: string): Promise<string> => {
    const stamp = String(systemClock.now().getTime())
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-hubspot-signature-v3': signV3(key, { method: 'POST', url }, Buffer.from(body), stamp),
        'x-hubspot-request-timestamp': stamp,
        'user-agent': everything.replaceAll(/[^ -~]/g, ''),
      },
    })
    return `${response.status} ${await response.text()}`
  }
  let eventId = 1
  const event = (more: object) => ({
    eventId: eventId++,
    subscriptionId: 1,
    portalId: Number(portalId),
    appId: 1,
    occurredAt: systemClock.now().getTime(),
    subscriptionType: 'contact.propertyChange',
    attemptNumber: 0,
    objectId: Number(contact),
    propertyName: 'jobtitle',
    changeSource: 'CRM_UI',
    ...more,
  })
  const told = JSON.stringify([
    event({ propertyValue: everything, sourceId: everything }),
    event({ propertyName: 'email', propertyValue: PERSON.email }),
    event({
      subscriptionType: 'contact.creation',
      propertyValue: everything,
      unknownField: { deep: everything },
    }),
  ])
  return [
    await send(told, secret),
    await send(told, 'forged'),
    await send(JSON.stringify([event({ portalId: 404, propertyValue: everything })]), secret),
    await send(everything, secret),
    await send(JSON.stringify({ message: everything }), secret),
    await send(`[{"propertyValue":"${everything}`, secret),
  ]
}

/** HubSpot's answers that quote what they should not, or break off within. */
export const failingPortal = [
  {
    status: 400,
    body: {
      status: 'error',
      message: `Property values were not valid: ${everything}`,
      category: 'VALIDATION_ERROR',
    },
  },
  { status: 500, body: `<html>${everything}</html>` },
  { status: 200, body: `{"results":[{"id":"${everything}","properties":{"email":"${PERSON.email}` },
  { status: 200, body: { results: everything } },
].map((play) => ({ path: 'objects/contacts/search', times: 1, play: { do: 'status', ...play } }))
