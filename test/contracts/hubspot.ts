import { randomUUID } from 'node:crypto'
import { Client } from '@hubspot/api-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'

/** A portal to hold the contract against. */
export interface ContractPortal extends AsyncDisposable {
  token: string
  /** HubSpot's own address when absent. */
  basePath?: string
}

interface ApiError {
  code: number
  body: { category?: string; message?: string; errors?: { code?: string }[]; correlationId?: string }
}

const failure = async (call: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await call.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  )
  if (typeof (error as ApiError).code !== 'number') throw error
  return error as ApiError
}

/**
 * What the hub relies on in HubSpot, asked through HubSpot's own client. Runs on the simulator and on a real portal alike, so it
 * only looks at records that it has made, and archives them.
 */
export const hubspotContract = (name: string, start: () => Promise<ContractPortal>): void => {
  describe(`HubSpot contract on ${name}`, () => {
    let portal: ContractPortal
    let client: Client
    const mark = `tributary-${randomUUID().slice(0, 8)}`
    const made: { type: string; id: string }[] = []

    const company = async (properties: Record<string, string> = {}) => {
      const record = await client.crm.companies.basicApi.create({
        properties: { name: `${mark} company`, ...properties },
        associations: [],
      })
      made.push({ type: 'companies', id: record.id })
      return record
    }
    const contact = async (properties: Record<string, string> = {}) => {
      const record = await client.crm.contacts.basicApi.create({
        properties: { email: `${mark}.${randomUUID().slice(0, 8)}@${mark}.com`, ...properties },
        associations: [],
      })
      made.push({ type: 'contacts', id: record.id })
      return record
    }

    beforeAll(async () => {
      portal = await start()
      client = new Client({ accessToken: portal.token, basePath: portal.basePath, numberOfApiCallRetries: 3 })
    })
    afterAll(async () => {
      for (const { type, id } of made)
        await client.crm.objects.basicApi
          .archive(type, id)
          .catch((error: ApiError) => expect(error.code).toBe(404))
      await portal[Symbol.asyncDispose]()
    })

    it('lists records by ascending id, each once, following an opaque cursor', async () => {
      for (let i = 0; i < 3; i += 1) await company()
      const ids: string[] = []
      let after: string | undefined
      for (let page = 0; page < 3; page += 1) {
        const answer = await client.crm.companies.basicApi.getPage(2, after, ['name'])
        ids.push(...answer.results.map((r) => r.id))
        after = answer.paging?.next?.after
        if (after === undefined) break
      }
      expect(ids.length).toBeGreaterThanOrEqual(3)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids).toEqual([...ids].sort((a, b) => Number(a) - Number(b)))
    })

    it('gives null for an unset property and leaves out an unknown one', async () => {
      const { id } = await company({ city: 'Denver' })
      const read = await client.crm.companies.basicApi.getById(id, ['city', 'phone', 'no_such_property'])
      expect(read.properties).toMatchObject({ city: 'Denver', phone: null, hs_object_id: id })
      expect(read.properties).not.toHaveProperty('no_such_property')
      expect(read.updatedAt).toBeInstanceOf(Date)
    })

    it('changes a record and moves its modified time', async () => {
      const before = await company()
      await client.crm.companies.basicApi.update(before.id, { properties: { city: 'Austin' } })
      const after = await client.crm.companies.basicApi.getById(before.id, ['city'])
      expect(after.properties.city).toBe('Austin')
      expect(after.updatedAt.getTime()).toBeGreaterThanOrEqual(before.updatedAt.getTime())
    })

    it('hides an archived record from reads and lists it as archived', async () => {
      const { id } = await company()
      await client.crm.companies.basicApi.archive(id)
      expect(await failure(client.crm.companies.basicApi.getById(id))).toMatchObject({ code: 404 })
      const archived = await until(async () => {
        let after: string | undefined
        do {
          const page = await client.crm.companies.basicApi.getPage(
            100,
            after,
            ['name'],
            undefined,
            undefined,
            true,
          )
          const found = page.results.find((r) => r.id === id)
          if (found !== undefined) return found
          after = page.paging?.next?.after
        } while (after !== undefined)
        return undefined
      })
      expect(archived).toMatchObject({ archived: true })
      expect(archived.archivedAt).toBeInstanceOf(Date)
    })

    it('reads a contact by e-mail address', async () => {
      const { id, properties } = await contact()
      const email = String(properties.email)
      const read = await client.crm.contacts.basicApi.getById(
        email,
        ['email'],
        undefined,
        undefined,
        undefined,
        'email',
      )
      expect(read.id).toBe(id)
    })

    it('answers 207 for a batch read with missing ids, with what there is', async () => {
      const { id } = await company()
      const answer = await client.crm.companies.batchApi.read({
        properties: ['name'],
        propertiesWithHistory: [],
        inputs: [{ id }, { id: '1' }],
      })
      expect(answer.results.map((r) => r.id)).toEqual([id])
      expect(answer).toMatchObject({ numErrors: 1, errors: [{ category: 'OBJECT_NOT_FOUND' }] })
    })

    it('gives the same associated id once per type, inline', async () => {
      const [employer, person] = [await company(), await contact()]
      await client.crm.associations.v4.basicApi.createDefault('contacts', person.id, 'companies', employer.id)
      const read = await until(async () => {
        const record = await client.crm.contacts.basicApi.getById(person.id, ['email'], undefined, [
          'companies',
        ])
        return record.associations === undefined ? undefined : record
      })
      const entries = read.associations?.companies?.results ?? []
      expect(new Set(entries.map((e) => e.id))).toEqual(new Set([employer.id]))
      expect(entries.map((e) => e.type)).toContain('contact_to_company_unlabeled')
    })

    it('reads associations in batches and says which records have none', async () => {
      const [employer, person, loner] = [await company(), await contact(), await contact()]
      await client.crm.associations.v4.basicApi.create('contacts', person.id, 'companies', employer.id, [
        { associationCategory: 'HUBSPOT_DEFINED' as never, associationTypeId: 1 },
      ])
      const answer = await client.crm.associations.v4.batchApi.getPage('contacts', 'companies', {
        inputs: [{ id: person.id }, { id: loner.id }],
      })
      const found = answer.results.find((r) => r._from.id === person.id)
      expect(found?.to.map((t) => String(t.toObjectId))).toEqual([employer.id])
      expect(found?.to[0]?.associationTypes.map((t) => t.typeId)).toContain(1)
      expect(JSON.stringify(answer)).toContain('NO_ASSOCIATIONS_FOUND')
    })

    it('removes an association from both sides', async () => {
      const [employer, person] = [await company(), await contact()]
      const { basicApi } = client.crm.associations.v4
      await basicApi.createDefault('contacts', person.id, 'companies', employer.id)
      await basicApi.archive('contacts', person.id, 'companies', employer.id)
      await until(async () => {
        const page = await basicApi.getPage('companies', employer.id, 'contacts')
        return page.results.length === 0
      })
    })

    it('makes and removes associations in batches', async () => {
      const [employer, first, second] = [await company(), await contact(), await contact()]
      const { batchApi, basicApi } = client.crm.associations.v4
      const to = { id: employer.id }
      await batchApi.create('contacts', 'companies', {
        inputs: [
          {
            _from: { id: first.id },
            to,
            types: [{ associationCategory: 'HUBSPOT_DEFINED' as never, associationTypeId: 279 }],
          },
        ],
      })
      await batchApi.createDefault('contacts', 'companies', { inputs: [{ _from: { id: second.id }, to }] })
      const staff = async () =>
        (await basicApi.getPage('companies', employer.id, 'contacts')).results.map((r) =>
          String(r.toObjectId),
        )
      await until(async () => new Set(await staff()).isSupersetOf(new Set([first.id, second.id])))
      await batchApi.archive('contacts', 'companies', { inputs: [{ _from: { id: first.id }, to: [to] }] })
      await until(async () => (await staff()).join() === second.id)
    })

    it('finds what was changed since an instant by search, in order', async () => {
      const since = (await company()).updatedAt.getTime()
      const second = await company()
      const found = await until(
        async () => {
          const page = await client.crm.companies.searchApi.doSearch({
            filterGroups: [
              {
                filters: [
                  {
                    propertyName: 'hs_lastmodifieddate',
                    operator: 'GTE' as never,
                    value: String(since),
                  },
                ],
              },
            ],
            sorts: ['hs_lastmodifieddate'],
            properties: ['name'],
            limit: 200,
          })
          return page.results.some((r) => r.id === second.id) ? page : undefined
        },
        { timeoutMs: 25_000, everyMs: 1_000 },
      )
      const times = found.results.map((r) => r.updatedAt.getTime())
      expect(times).toEqual([...times].sort((a, b) => a - b))
    })

    it('refuses a search past its ten thousandth result', async () => {
      const refused = await failure(
        client.crm.companies.searchApi.doSearch({ limit: 200, after: '9900', properties: [] }),
      )
      expect(refused).toMatchObject({ code: 400 })
    })

    it('follows a merged id in a single read but not in a batch', async () => {
      const [primary, other] = [await company({ city: 'Boston' }), await company({ phone: '+16175550142' })]
      const survivor = await client.crm.companies.basicApi.merge({
        primaryObjectId: primary.id,
        objectIdToMerge: other.id,
      })
      made.push({ type: 'companies', id: survivor.id })
      const read = await client.crm.companies.basicApi.getById(other.id, ['hs_merged_object_ids', 'city'])
      expect(read.id).toBe(survivor.id)
      expect(read.properties.city).toBe('Boston')
      expect(String(read.properties.hs_merged_object_ids).split(';')).toContain(other.id)
      const batch = await client.crm.companies.batchApi.read({
        properties: [],
        propertiesWithHistory: [],
        inputs: [{ id: other.id }, { id: survivor.id }],
      })
      expect(batch.results.map((r) => r.id)).toEqual([survivor.id])
    })

    it('says what is wrong with a write', async () => {
      const unknownProperty = await failure(company({ no_such_property: 'x' }))
      expect(unknownProperty).toMatchObject({
        code: 400,
        body: { category: 'VALIDATION_ERROR', errors: [{ code: 'PROPERTY_DOESNT_EXIST' }] },
      })
      expect(unknownProperty.body.correlationId).toMatch(/^[0-9a-f-]{36}$/)
      const { properties } = await contact()
      const taken = await failure(contact({ email: String(properties.email) }))
      expect(taken).toMatchObject({ code: 409, body: { category: 'CONFLICT' } })
      expect(taken.body.message).toMatch(/Existing ID: \d+/)
    })

    it('takes the good rows of a batch and says by its trace id what is wrong with the other', async () => {
      const row = (objectWriteTraceId: string, properties: Record<string, string>) => ({
        objectWriteTraceId,
        associations: [],
        properties: { name: `${mark} company`, ...properties },
      })
      const inputs = [row('good', {}), row('bad', { no_such_property: 'x' })]
      const answer = await client.crm.companies.batchApi.create({ inputs })
      made.push(...answer.results.map(({ id }) => ({ type: 'companies', id })))
      expect(answer.results).toHaveLength(1)
      expect(answer).toMatchObject({
        numErrors: 1,
        errors: [{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['bad'] } }],
      })
      const untraced = inputs.map(({ objectWriteTraceId: _, ...input }) => input)
      expect(await failure(client.crm.companies.batchApi.create({ inputs: untraced }))).toMatchObject({
        code: 400,
      })
    })

    it('keeps tasks and notes with whom they concern', async () => {
      const employer = await company()
      const at = { hs_timestamp: '2026-11-20T10:00:00.000Z' }
      const about = [
        { type: 'tasks', typeId: 192, properties: { ...at, hs_task_subject: `${mark} task` } },
        { type: 'notes', typeId: 190, properties: { ...at, hs_note_body: `${mark} note` } },
      ]
      for (const { type, typeId, properties } of about) {
        const { id } = await client.crm.objects.basicApi.create(type, {
          properties,
          associations: [
            {
              to: { id: employer.id },
              types: [{ associationCategory: 'HUBSPOT_DEFINED' as never, associationTypeId: typeId }],
            },
          ],
        })
        made.push({ type, id })
        const names = Object.keys(properties)
        const read = await client.crm.objects.basicApi.getById(type, id, names)
        expect(read.properties).toMatchObject(properties)
        const page = await client.crm.associations.v4.basicApi.getPage(type, id, 'companies')
        expect(page.results.map((r) => String(r.toObjectId))).toEqual([employer.id])
      }
      const lacking = { properties: { hs_task_subject: 'x' }, associations: [] }
      expect(await failure(client.crm.objects.basicApi.create('tasks', lacking))).toMatchObject({
        code: 400,
        body: { category: 'VALIDATION_ERROR' },
      })
    })

    it('refuses a token that it does not know', async () => {
      const stranger = new Client({
        accessToken: 'pat-unknown',
        basePath: portal.basePath,
        numberOfApiCallRetries: 3,
      })
      expect(await failure(stranger.crm.companies.basicApi.getPage(1))).toMatchObject({
        code: 401,
        body: { category: 'INVALID_AUTHENTICATION' },
      })
    })

    it('describes owners, pipelines, properties and the account', async () => {
      const owners = await client.crm.owners.ownersApi.getPage()
      expect(owners.results.every((o) => typeof o.id === 'string')).toBe(true)
      const deals = await client.crm.pipelines.pipelinesApi.getAll('deals')
      expect(deals.results[0]?.stages.every((s) => s.metadata?.probability !== undefined)).toBe(true)
      const tickets = await client.crm.pipelines.pipelinesApi.getAll('tickets')
      expect(tickets.results[0]?.stages[0]?.metadata?.ticketState).toMatch(/OPEN|CLOSED/)
      const properties = await client.crm.properties.coreApi.getAll('companies')
      expect(properties.results.find((p) => p.name === 'annualrevenue')).toMatchObject({ type: 'number' })
      const account = await client.apiRequest({ path: '/account-info/v3/details' })
      expect(await account.json()).toMatchObject({ portalId: expect.any(Number) })
    })

    it('tells in headers what is left of the limit, except on a search', async () => {
      const read = await client.apiRequest({ path: '/crm/v3/objects/companies?limit=1' })
      expect(Number(read.headers.get('x-hubspot-ratelimit-max'))).toBeGreaterThanOrEqual(100)
      expect(Number(read.headers.get('x-hubspot-ratelimit-remaining'))).toBeGreaterThanOrEqual(0)
      expect(read.headers.get('x-hubspot-ratelimit-interval-milliseconds')).toBe('10000')
      const search = await client.apiRequest({
        method: 'POST',
        path: '/crm/v3/objects/companies/search',
        body: { limit: 1 },
      })
      expect(search.headers.get('x-hubspot-ratelimit-max')).toBeNull()
    })
  })
}
