import { expect, it } from 'vitest'
import { AppRejected, VendorUnavailable } from '#connectors/contract.ts'
import type { TimelineEvent, TokenGrant } from '#connectors/hubspot/app-wire.ts'
import { DEMO_APP_ID, DEMO_DEVELOPER_API_KEY, DEMO_PORTAL } from '#connectors/hubspot/simulator/index.ts'
import { gather, type Reply, scriptedPortal } from './scripted-portal.ts'
import { startPortal } from './simulated-portal.ts'

const TRUNK_MADE = {
  name: 'trunk_created',
  objectType: 'COMPANY',
  headerTemplate: 'Trunk {{trunk_name}} was made',
  tokens: [
    { name: 'trunk_name', label: 'Name', type: 'string' as const },
    { name: 'id', label: 'Id', type: 'string' as const },
    { name: 'kind', label: 'Kind', type: 'enumeration' as const, options: [{ label: 'SIP', value: 'sip' }] },
  ],
}
const developer = { appId: String(DEMO_APP_ID), apiKey: DEMO_DEVELOPER_API_KEY }

/** A portal that has installed the app, and a client of it with the developer's key. */
const installed = async () => {
  const on = await startPortal(10, { limits: false })
  const { access_token: token } = await on.sim<TokenGrant>('oauth', { install: DEMO_PORTAL })
  const hubspot = on.open({ token: async () => token, developer })
  const events = async () => (await on.sim<{ results: TimelineEvent[] }>('timeline')).results
  const [company] = (await gather(hubspot.list('companies'))).map(({ id }) => id) as [string]
  return { on, token, hubspot, events, company, [Symbol.asyncDispose]: () => on[Symbol.asyncDispose]() }
}

it('designs a kind of event once for all portals, and finds it again', async () => {
  await using app = await installed()
  expect(await app.hubspot.timelineTemplates()).toEqual([])
  const made = await app.hubspot.createTimelineTemplate(TRUNK_MADE)
  expect(made).toEqual({ ...TRUNK_MADE, id: expect.stringMatching(/^\d+$/), detailTemplate: undefined })
  const country = { name: 'country', label: 'Country', type: 'string' as const }
  await app.hubspot.createTimelineToken(made.id, country)
  await app.hubspot.createTimelineToken(made.id, country)
  const [found] = await app.hubspot.timelineTemplates()
  expect(found).toEqual({ ...made, tokens: [...made.tokens, country] })
  const { entries } = await app.on.journal()
  const settings = entries.filter(({ path }) => path.includes('event-templates'))
  expect(settings).toHaveLength(5)
})

it('needs the developer’s key for it, and says that the app is at fault and not the portal’s credentials', async () => {
  await using app = await installed()
  const renewals: string[] = []
  const told = { expired: async (old: string) => void renewals.push(old), rejected: async () => true }
  const wrong = app.on.open({ ...told, developer: { ...developer, apiKey: 'wrong' } })
  for (const client of [app.on.hubspot, wrong]) {
    await expect(client.timelineTemplates()).rejects.toMatchObject({ code: AppRejected.code })
    await expect(client.createTimelineTemplate(TRUNK_MADE)).rejects.toMatchObject({ code: AppRejected.code })
  }
  expect(wrong.requests.total).toBe(2)
  expect(app.on.hubspot.requests.total).toBe(0)
  expect(renewals).toEqual([])

  await using portal = await scriptedPortal(() => ({ body: { results: [] } }))
  await portal.open({ developer }).timelineTemplates()
  expect(portal.heard).toMatchObject([{ token: '', target: expect.stringContaining('hapikey=') }])
})

it('puts an event on a record once, however often it is sent, and takes the good ones of a batch', async () => {
  await using app = await installed()
  const { id: templateId } = await app.hubspot.createTimelineTemplate(TRUNK_MADE)
  const event = (id: string, tokens: Record<string, string> = {}, objectId = app.company) => ({
    ...{ id, templateId, objectId, tokens },
    at: new Date('2026-11-20T10:00:00.000Z'),
  })
  const key = ['sk', 'live', 'abcdefghijklmnop'].join('_')
  const name = `Elko 4242 4242 4242 4242 ${key}`
  expect(await app.hubspot.createTimelineEvents([event('made:1', { trunk_name: name, id: name })])).toEqual(
    [],
  )
  const mixed = [
    event('made:1', { trunk_name: 'Changed' }),
    event('made:2', { kind: 'sip' }),
    event('made:2', { kind: 'sip' }),
    event('made:3', { colour: 'red' }),
    event('made:4', {}, '999999999'),
  ]
  expect(await app.hubspot.createTimelineEvents(mixed)).toEqual([
    { id: 'made:3', category: 'VALIDATION_ERROR', message: 'The template has no token colour' },
    { id: 'made:4', category: 'OBJECT_NOT_FOUND', message: expect.any(String) },
  ])
  expect(await app.events()).toMatchObject([
    {
      id: 'made:1',
      objectId: app.company,
      timestamp: '2026-11-20T10:00:00.000Z',
      tokens: { trunk_name: 'Elko [card number] [key]', id: 'Elko [card number] [key]' },
    },
    { id: 'made:2', tokens: { kind: 'sip' } },
  ])

  await app.on.sim('faults', { path: 'events/batch', nth: 1, play: { do: 'close', afterCommit: true } })
  const lost = () => app.hubspot.createTimelineEvents([event('made:5')])
  await expect(lost()).rejects.toMatchObject({ code: VendorUnavailable.code })
  expect(await lost()).toEqual([])
  expect((await app.events()).map(({ id }) => id)).toEqual(['made:1', 'made:2', 'made:5'])
  expect(app.hubspot.requests.write).toBe(4)
  await expect(
    app.hubspot.createTimelineEvents(Array.from({ length: 101 }, (_, i) => event(`${i}`))),
  ).rejects.toThrow(RangeError)
})

it('goes on without the events that a portal refuses a whole batch for', async () => {
  const event = (id: string) => ({ id, templateId: '1', objectId: '7', tokens: {} })
  const idsIn = (body: unknown) => (body as { inputs: { id: string }[] }).inputs.map(({ id }) => id)
  const no = (status: number, id: string): Reply => ({
    status,
    body: {
      category: status === 409 ? 'CONFLICT' : 'VALIDATION_ERROR',
      message: `no ${id}`,
      context: { id: [id] },
    },
  })
  await using portal = await scriptedPortal(({ body }) => {
    const ids = idsIn(body)
    if (ids.includes('there')) return no(409, 'there')
    return ids.includes('bad') ? no(400, 'bad') : { status: 204, body: '' }
  })
  const refused = await portal.open().createTimelineEvents(['a', 'there', 'bad', 'b'].map(event))
  expect(refused).toEqual([{ id: 'bad', category: 'VALIDATION_ERROR', message: 'no bad' }])
  expect(portal.heard.map(({ body }) => idsIn(body))).toEqual([
    ['a', 'there', 'bad', 'b'],
    ['a', 'bad', 'b'],
    ['a', 'b'],
  ])
})
