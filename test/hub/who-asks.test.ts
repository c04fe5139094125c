import { expect, it } from 'vitest'
import { ask, user } from '#test/service/graph.ts'
import { admin, DEMO, EMPTY, identify, startTestHub } from './hub.ts'

const person = (role: string, org = 'demo') => ({
  user: { id: `demo:${role}`, name: `Demo ${role}`, org, roles: [role] },
})
const viewer =
  '{ viewer { id name kind roles scopes organisation { id slug name timeZone members { id name roles } } } }'

it('says what each role may do in its organisation', async () => {
  await using hub = await startTestHub()
  const scopes: Record<string, unknown> = {}
  for (const role of ['admin', 'operator', 'agent', 'partner', 'readonly']) {
    const { status, body } = await identify(hub.url, person(role))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      name: `Demo ${role}`,
      roles: [role.toUpperCase()],
      organisation: { id: DEMO },
    })
    scopes[role] = (body.principal as { scopes: string[] }).scopes
  }
  expect(scopes.admin).toEqual(['*'])
  expect(scopes.operator).not.toContain('admin')
  expect(scopes.operator).toContain('sync:write')
  expect(scopes.agent).toContain('customers:write')
  expect(scopes.agent).not.toContain('sync:write')
  for (const role of ['partner', 'readonly']) {
    const names = scopes[role] as string[]
    expect(names.filter((scope) => !scope.endsWith(':read'))).toEqual([])
    expect(names).not.toContain('pii:read')
  }
})

it('refuses a person of an unknown organisation, or without a role that is known', async () => {
  await using hub = await startTestHub()
  expect((await identify(hub.url, person('admin', 'elsewhere'))).status).toBe(403)
  expect((await identify(hub.url, person('superuser'))).status).toBe(403)
})

it('answers only the hub’s own processes who somebody is, and never quotes what it was sent', async () => {
  await using hub = await startTestHub()
  expect((await identify(hub.url, person('admin'), admin())).status).toBe(401)
  const strange = await identify(hub.url, { apiKey: 7, secret: 'hub_do-not-quote' })
  expect(strange).toMatchObject({ status: 400, body: { code: 'BAD_INPUT' } })
  expect(JSON.stringify(strange)).not.toContain('do-not-quote')
})

it('tells callers who they are, in one statement', async () => {
  // Without what it does by itself, whose statements would be counted too.
  await using hub = await startTestHub({ worker: false })
  await identify(hub.url, person('admin'))
  const query = '{ viewer { id name kind roles scopes organisation { slug } } }'
  expect(await hub.statementsOf(() => ask(hub.url, admin(), query))).toHaveLength(1)
  const { data } = await ask(hub.url, admin(), query)
  expect(data).toMatchObject({
    viewer: {
      id: 'demo:admin',
      name: 'Demo admin',
      kind: 'USER',
      roles: ['ADMIN'],
      organisation: { slug: 'demo' },
    },
  })
  expect((data as unknown as { viewer: { scopes: string[] } }).viewer.scopes).toContain('pii:read')
})

it('shows the members of one’s own organisation to administrators, and of no other', async () => {
  await using hub = await startTestHub()
  await identify(hub.url, person('admin'))
  await identify(hub.url, person('agent'))
  await identify(hub.url, person('admin', 'empty'))
  const mine = await ask(hub.url, admin(), viewer)
  expect(mine.data).toMatchObject({
    viewer: { organisation: { members: [{ id: 'demo:admin' }, { id: 'demo:agent', roles: ['AGENT'] }] } },
  })
  const theirs = await ask(hub.url, admin(EMPTY), viewer)
  expect(theirs.data).toMatchObject({
    viewer: { organisation: { slug: 'empty', members: [{ id: 'demo:admin' }] } },
  })
  const limited = await ask(hub.url, user('sync:read'), viewer)
  expect(limited.errors).toMatchObject([
    { path: ['viewer', 'organisation', 'members'], extensions: { code: 'FORBIDDEN' } },
  ])
})

it('finds no organisation but one’s own by reference', async () => {
  await using hub = await startTestHub()
  const entities =
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Organisation { slug } } }'
  const of = [DEMO, EMPTY].map((id) => ({ __typename: 'Organisation', id }))
  expect((await ask(hub.url, admin(), entities, { of })).data).toEqual({
    _entities: [{ slug: 'demo' }, null],
  })
})
