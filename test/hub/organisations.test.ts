import { afterAll, beforeAll, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { TestClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, type Principal, principalSeal } from '#kernel/principal.ts'
import { admin, startTestHub, type TestHub } from './hub.ts'

const clock = new TestClock('2026-03-01T08:00:00Z')
const seal = principalSeal('a secret that only this test shares', clock)
let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ clock, seal })
})
afterAll(() => hub[Symbol.asyncDispose]())

const OPERATOR: Principal = { kind: 'system', id: 'system:operator', orgId: null, scopes: ['*'] }
interface Answer {
  __typename: string
  code?: string
  field?: string
  isNew: boolean
  organisation: { id: string; slug: string }
  admin: { state: string; invitedUntil: string | null } | null
  roles: string[]
}
const post = async (path: string, body: object, caller = OPERATOR) => {
  const response = await fetch(`${hub.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [PRINCIPAL_HEADER]: await seal.sign(caller) },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Answer & { secret: string } }
}
const ADA = { name: 'Ada', email: 'Ada@company.example' }
const wanted = (slug: string, more: object = {}) => ({
  ...{ slug, name: `The ${slug}`, timeZone: 'Europe/Berlin', admin: ADA },
  ...more,
})
const create = async (slug: string, more?: object) => (await post('/organisations', wanted(slug, more))).body
const signIn = (id: string, org: string, email = `${id}@company.example`) =>
  post('/sessions', { person: { id, name: id, email }, org })
const rows = <T>(sql: string, values: unknown[]) =>
  session(hub.db.adminUrl, async (client) => (await client.query(sql, values)).rows as T[])

it('makes an organisation once, with an invitation for its administrator, and tells of it and writes it down once', async () => {
  const made = await Promise.all([create('acme'), create('acme')])
  expect(new Set(made.map(({ organisation }) => organisation.id)).size).toBe(1)
  expect(made.map(({ isNew }) => isNew).sort()).toEqual([false, true])
  expect(made[0]!.admin).toEqual({ state: 'INVITED', invitedUntil: '2026-03-15T08:00:00.000Z' })
  const { id } = made[0]!.organisation
  const audit = await rows<{ action: string; who_id: string }>(
    'select distinct action, who_id, subject_type from service.audit_log where org_id = $1 order by action',
    [id],
  )
  expect(audit).toEqual([
    { action: 'createOrganisation', who_id: 'system:operator', subject_type: 'Organisation' },
    { action: 'inviteMember', who_id: 'system:operator', subject_type: 'Member' },
  ])
  const told = await rows<{ count: number }>(
    "select count(*)::int as count from service.audit_log where org_id = $1 and action = 'createOrganisation'",
    [id],
  )
  expect(told).toEqual([{ count: 1 }])
  const everything = await rows<{ row: string }>(
    'select m::text as row from hub.members m where org_id = $1',
    [id],
  )
  expect(everything).toHaveLength(1)
  expect(everything[0]!.row).not.toContain('company.example')
})

it('invites anew, and somebody else, until there is an administrator, and then nobody', async () => {
  await create('beta')
  clock.advance(15 * 86_400_000)
  expect((await signIn('ada', 'beta')).status).toBe(403)
  expect((await create('beta')).admin).toMatchObject({ state: 'INVITED' })
  const grace = { name: 'Grace', email: 'grace@company.example' }
  expect((await create('beta', { admin: grace })).admin).toMatchObject({ state: 'INVITED' })
  expect((await signIn('grace', 'beta')).status).toBe(200)
  expect(await create('beta', { admin: { name: 'Eve', email: 'eve@company.example' } })).toMatchObject({
    ...{ isNew: false, admin: null },
  })
  expect((await signIn('eve', 'beta')).status).toBe(403)
})

it('adds an administrator by the id at the provider, also to an organisation that has one', async () => {
  await create('gamma', { admin: { name: 'Alan', personId: 'alan' } })
  expect((await signIn('alan', 'gamma', 'other@company.example')).status).toBe(200)
  const { body } = await post('/organisations/admins', {
    slug: 'gamma',
    admin: { name: 'Joan', personId: 'joan' },
  })
  expect(body.admin).toEqual({ state: 'ACTIVE', invitedUntil: null })
  const { secret } = (await signIn('joan', 'gamma')).body
  expect((await post('/identify', { session: secret })).body.roles).toEqual(['ADMIN'])
  expect((await post('/organisations/admins', { slug: 'nowhere', admin: ADA })).body.code).toBe('NOT_FOUND')
})

it.each([
  ['slug', { slug: 'Has Spaces' }, 'INVALID'],
  ['slug', { slug: 'demo', name: 'Not the demo' }, 'SLUG_TAKEN'],
  ['name', { name: ' ' }, 'INVALID'],
  ['timeZone', { timeZone: 'Europe/Nowhere' }, 'INVALID'],
  ['timeZone', { timeZone: '+02:00' }, 'INVALID'],
])('refuses a %s that cannot be: %j', async (field, more, code) => {
  expect(await create('delta', more)).toMatchObject({ __typename: 'Invalid', field, code })
})

it('leaves nothing of an organisation whose administrator’s address is none, and is for whoever runs the hub alone', async () => {
  expect(await create('epsilon', { admin: { name: 'Ada', email: 'nobody' } })).toMatchObject({
    field: 'email',
  })
  expect(await rows('select slug from hub.organisation_routes where slug = $1', ['epsilon'])).toEqual([])
  expect((await post('/organisations', wanted('zeta'), admin())).status).toBe(401)
})
