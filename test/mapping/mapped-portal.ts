import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { startRederiving } from '#subgraphs/customers/jobs/rederive-records.ts'
import { customersBed, ORG, type PortalOptions, TEST_KEY, worker } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { type Answer, askSubgraph, principal, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

export const PROBLEMS = 'problems { objectType field property code blocks message fix }'
const FIELDS = `field properties direction isDefault state pausedSince transforms { kind options { from to } } ${PROBLEMS}`
const REDERIVATION = 'rederivation { version complete done total changed readsAgain finishedAt }'

const MAPPINGS = /* GraphQL */ `
  query ($refs: [_Any!]!, $type: MappedObject) {
    _entities(representations: $refs) {
      ... on HubSpotIntegration { mappings(objectType: $type) { objectType version updatedAt ${REDERIVATION} fields { ${FIELDS} } } }
    }
  }
`
const SAVE = /* GraphQL */ `
  mutation ($id: ID!, $type: MappedObject!, $changes: [FieldMappingInput!]!, $version: Int!) {
    saveMapping(integrationId: $id, objectType: $type, changes: $changes, expectedVersion: $version) {
      __typename
      ... on MappingSaved { mapping { version ${REDERIVATION} } receipt { position } }
      ... on MappingRefused { ${PROBLEMS} }
      ... on Stale { currentVersion }
      ... on Refusal { code message }
    }
  }
`
const PREVIEW = /* GraphQL */ `
  query ($id: ID!, $type: MappedObject!, $changes: [FieldMappingInput!]!, $sample: Int!) {
    previewMapping(integrationId: $id, objectType: $type, changes: $changes, sample: $sample) {
      __typename
      ... on MappingPreview {
        version savable unreadProperties ${PROBLEMS}
        records { externalId fields { field before after changes masked problem } }
      }
      ... on Refusal { code message }
    }
  }
`

/** A change of one field, with what most tests leave out. */
export type Change = { field: string; properties?: string[]; transforms?: object[]; [more: string]: unknown }

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
type Any = any

/** A portal that is connected, imported and can be mapped. Stored records follow when a test says so. */
export const mappedPortal = async (options: PortalOptions = {}) => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed({ companies: 12, ...options }))
  const hand = stack.use(worker(bed))
  const statements: string[] = []
  const running = stack.use(
    await startCustomers({
      ...startWith(bed.test.urls, { onStatement: (text) => statements.push(text), worker: false }),
      encryptionKeys: [TEST_KEY],
    }),
  )
  await bed.sync('FULL')
  const answer = (query: string, variables: object = {}, caller = principal(ORG)): Promise<Answer> =>
    askSubgraph(running.url, query, { ...variables }, caller)
  const ask = async (query: string, variables: object = {}, caller = principal(ORG)): Promise<Any> => {
    const { data, errors } = await answer(query, variables, caller)
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }
  const mapping = async (type: string, integrationId = bed.integrationId): Promise<Any> => {
    const refs = [{ __typename: 'HubSpotIntegration', id: integrationId }]
    return (await ask(MAPPINGS, { refs, type }))._entities[0].mappings[0]
  }
  /** Saves by the version that holds. */
  const save = async (type: string, changes: Change[], version?: number): Promise<Any> => {
    const expected = version ?? (await mapping(type)).version
    return (await ask(SAVE, { id: bed.integrationId, type, changes, version: expected })).saveMapping
  }
  const field = async (type: string, name: string): Promise<Any> =>
    (await mapping(type)).fields.find((each: { field: string }) => each.field === name)
  /** A loop that makes stored records follow, with connections of its own. */
  const rederiving = (more: { batch?: number } = {}) => {
    const rows = openDatabase<DB>(bed.test.urls, { log: silentLog })
    const loop = startRederiving({ rows, clock: bed.clock, log: silentLog, published: () => {}, ...more })
    return {
      rows,
      [Symbol.asyncDispose]: async () => {
        await loop[Symbol.asyncDispose]()
        await rows[Symbol.asyncDispose]()
      },
    }
  }
  const followed = (type: string): Promise<Any> =>
    until(async () => {
      const { rederivation } = await mapping(type)
      return rederivation?.complete ? rederivation : undefined
    })
  const all = stack.move()
  return {
    ...bed,
    bed,
    hand,
    url: running.url,
    statements,
    answer,
    ask,
    mapping,
    field,
    save,
    preview: async (type: string, changes: Change[], sample = 10, caller = principal(ORG)): Promise<Any> =>
      (await ask(PREVIEW, { id: bed.integrationId, type, changes, sample }, caller)).previewMapping,
    rederiving,
    followed,
    /** Saves, and waits until stored records have followed. */
    saveAndFollow: async (type: string, changes: Change[]): Promise<Any> => {
      const saved = await save(type, changes)
      if (saved.__typename !== 'MappingSaved') throw new Error(JSON.stringify(saved))
      await using _ = rederiving()
      return await followed(type)
    },
    /** Makes a property, as somebody of the portal would. */
    define: async (type: string, property: object): Promise<void> => {
      const made = await fetch(`${bed.portal.url}/crm/v3/properties/${type}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${DEMO_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(property),
      })
      if (made.status !== 201) throw new Error(await made.text())
    },
    /** Changes records, as somebody of the portal would. */
    change: (type: string, changes: { id?: string; properties: Record<string, string | null> }[]) =>
      bed.sim(`records/${type}`, changes),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type MappedPortal = Awaited<ReturnType<typeof mappedPortal>>
