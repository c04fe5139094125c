import { expect } from 'vitest'
import { type Cases, type LEAST, least, type Walk } from '../walk.ts'

type Type = keyof typeof LEAST

// The clients of HubSpot's own types differ in their names alone; the general one takes the type first.
interface RecordApi {
  // biome-ignore lint/suspicious/noExplicitAny: the clients' own types have no name in common
  [api: string]: Record<string, (...rest: any[]) => Promise<any>>
}

const UNIQUE = 'walk_key'

/** Gives a type a property whose values are unique, to upsert by. */
const withKey = async ({ client }: Walk, type: Type): Promise<string> => {
  const groupName = (await client.crm.properties.groupsApi.getAll(type)).results[0]!.name
  const known = await client.crm.properties.coreApi.getAll(type)
  if (!known.results.some(({ name }) => name === UNIQUE))
    await client.crm.properties.coreApi.create(type, {
      groupName,
      name: UNIQUE,
      label: 'Walk key',
      // biome-ignore lint/suspicious/noExplicitAny: the client has enums for these
      ...({ type: 'string', fieldType: 'text' } as any),
      hasUniqueValue: true,
    })
  return UNIQUE
}

const NO_SUCH = { no_such_property: 'x' }

const batches = (
  name: string,
  type: Type,
  api: (walk: Walk) => RecordApi,
  first: readonly string[],
): Cases => ({
  async [`${name}.batchApi.create`](walk) {
    const { batchApi } = api(walk) as { batchApi: RecordApi[string] }
    const row = (objectWriteTraceId: string, properties = {}) => ({
      objectWriteTraceId,
      associations: [],
      properties: { ...least(type, walk.fresh()), ...properties },
    })
    const all = await batchApi.create!(...first, { inputs: [row('r1'), row('r2')] })
    expect(all.results).toHaveLength(2)
    const some = await batchApi.create!(...first, { inputs: [row('r1'), row('r2', NO_SUCH)] })
    expect(some).toMatchObject({
      numErrors: 1,
      results: [{ objectWriteTraceId: 'r1' }],
      errors: [{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['r2'] } }],
    })
    return some
  },
  async [`${name}.batchApi.read`](walk) {
    const { batchApi } = api(walk) as { batchApi: RecordApi[string] }
    const [id, key] = [walk.fresh(), await withKey(walk, type)]
    await walk.make(type, { [key]: id })
    const read = (ids: string[]) =>
      batchApi.read!(...first, {
        idProperty: key,
        properties: [key],
        propertiesWithHistory: [],
        inputs: ids.map((each) => ({ id: each })),
      })
    expect((await read([id])).results).toMatchObject([{ properties: { [key]: id } }])
    const some = await read([id, 'nobody'])
    expect(some).toMatchObject({ numErrors: 1, errors: [{ category: 'OBJECT_NOT_FOUND' }] })
    return some
  },
  async [`${name}.batchApi.update`](walk) {
    const { batchApi } = api(walk) as { batchApi: RecordApi[string] }
    const [id, properties] = [await walk.make(type), least(type, walk.fresh())]
    expect((await batchApi.update!(...first, { inputs: [{ id, properties }] })).results).toMatchObject([
      { id, properties },
    ])
    const some = await batchApi.update!(...first, {
      inputs: [
        { id, objectWriteTraceId: 'r1', properties },
        { id: '1', objectWriteTraceId: 'r2', properties },
      ],
    })
    expect(some).toMatchObject({ numErrors: 1, errors: [{ context: { objectWriteTraceId: ['r2'] } }] })
    return some
  },
  async [`${name}.batchApi.upsert`](walk) {
    const { batchApi } = api(walk) as { batchApi: RecordApi[string] }
    const [idProperty, id] = [await withKey(walk, type), walk.fresh()]
    const row = (objectWriteTraceId: string, properties = {}, key = id) => ({
      id: key,
      idProperty,
      objectWriteTraceId,
      properties: { ...least(type, key), ...properties },
    })
    const made = await batchApi.upsert!(...first, { inputs: [row('r1')] })
    expect(made.results).toMatchObject([{ _new: true }])
    const again = await batchApi.upsert!(...first, {
      inputs: [row('r1'), row('r2', NO_SUCH, walk.fresh())],
    })
    expect(again).toMatchObject({ results: [{ id: made.results[0].id, _new: false }], numErrors: 1 })
    return again
  },
  async [`${name}.batchApi.archive`](walk) {
    const { batchApi } = api(walk) as { batchApi: RecordApi[string] }
    return await batchApi.archive!(...first, { inputs: [{ id: await walk.make(type) }] })
  },
})

const basics = (
  name: string,
  type: Type,
  api: (walk: Walk) => RecordApi,
  first: readonly string[],
): Cases => ({
  async [`${name}.basicApi.create`](walk) {
    const properties = least(type, walk.fresh())
    const made = await api(walk).basicApi!.create!(...first, { properties, associations: [] })
    expect(made.properties).toMatchObject(properties)
    expect(made.createdAt).toBeInstanceOf(Date)
    return made
  },
  async [`${name}.basicApi.getById`](walk) {
    const id = await walk.make(type)
    const names = Object.keys(least(type, ''))
    const read = await api(walk).basicApi!.getById!(...first, id, names, names, ['companies'])
    expect(read.propertiesWithHistory).toHaveProperty(names[0]!)
    return read
  },
  async [`${name}.basicApi.getPage`](walk) {
    await walk.make(type)
    await walk.make(type)
    const page = await api(walk).basicApi!.getPage!(...first, 1, undefined, undefined, undefined, [
      'companies',
    ])
    expect(page.paging?.next?.after).toMatch(/^\d+$/)
    return page
  },
  async [`${name}.basicApi.update`](walk) {
    const [id, properties] = [await walk.make(type), least(type, walk.fresh())]
    const changed = await api(walk).basicApi!.update!(...first, id, { properties })
    expect(changed).toMatchObject({ id, properties })
    return changed
  },
  async [`${name}.basicApi.archive`](walk) {
    const id = await walk.make(type)
    await api(walk).basicApi!.archive!(...first, id)
    await expect(api(walk).basicApi!.getById!(...first, id)).rejects.toMatchObject({ code: 404 })
  },
  async [`${name}.searchApi.doSearch`](walk) {
    const id = await walk.make(type)
    const found = await api(walk).searchApi!.doSearch!(...first, {
      filterGroups: [{ filters: [{ propertyName: 'hs_object_id', operator: 'EQ', value: id }] }],
      sorts: ['hs_object_id'],
      properties: Object.keys(least(type, '')),
      limit: 1,
      after: '0',
    })
    expect(found).toMatchObject({ total: 1, results: [{ id }] })
    return found
  },
})

const merging = (name: string, type: Type, api: (walk: Walk) => RecordApi): Cases => ({
  async [`${name}.basicApi.merge`](walk) {
    const [primaryObjectId, objectIdToMerge] = [await walk.make(type), await walk.make(type)]
    const survivor = await api(walk).basicApi!.merge!({ primaryObjectId, objectIdToMerge })
    expect(survivor.archived).toBe(false)
    return survivor
  },
})

const OWN = ['companies', 'contacts', 'deals', 'tickets'] as const
const own = (type: (typeof OWN)[number]): Cases => {
  const api = ({ client }: Walk) => client.crm[type] as unknown as RecordApi
  return {
    ...basics(`crm.${type}`, type, api, []),
    ...batches(`crm.${type}`, type, api, []),
    ...merging(`crm.${type}`, type, api),
  }
}
const general = ({ client }: Walk) => client.crm.objects as unknown as RecordApi
const tasks = ({ client }: Walk) => client.crm.objects.tasks as unknown as RecordApi

/** Records of every type the hub keeps, by HubSpot's own clients of them and by the general one. */
export const RECORD_CASES: Cases = {
  ...Object.assign({}, ...OWN.map(own)),
  ...basics('crm.objects', 'notes', general, ['notes']),
  ...batches('crm.objects', 'notes', general, ['notes']),
  ...basics('crm.objects.tasks', 'tasks', tasks, []),
  ...batches('crm.objects.tasks', 'tasks', tasks, []),
  async 'crm.contacts.basicApi.purge'(walk) {
    const email = `${walk.fresh()}@contract-walk.com`
    await walk.make('contacts', { email })
    await walk.client.crm.contacts.basicApi.purge({ objectId: email, idProperty: 'email' })
    await expect(walk.make('contacts', { email })).rejects.toMatchObject({ code: 400 })
  },
}
