import { afterAll, beforeAll, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { TestClock } from '#kernel/clock.ts'
import type { Principal } from '#kernel/principal.ts'
import { PRINCIPAL_HEADER, principalSeal } from '#kernel/principal.ts'
import { until } from '#test/kit/until.ts'
import { ask } from '#test/service/graph.ts'
import { admin, DEMO, EMPTY, startTestHub, type TestHub } from './hub.ts'

const SECRET = 'a secret that only this test shares'
const clock = new TestClock('2026-03-01T08:00:00Z')
const seal = principalSeal(SECRET, clock)
let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ clock, seal })
})
afterAll(() => hub[Symbol.asyncDispose]())

interface Member {
  id: string
  personId: string | null
  name: string
  email: string | null
  roles: string[]
  state: string
  version: number
}
type Answer = { __typename: string; member: Member; code?: string; currentVersion?: number }

const MEMBER = 'member { id personId name email roles state version }'
const SHOWN = (type: string) =>
  `{ __typename ... on ${type} { ${MEMBER} } ... on Stale { currentVersion } ... on Refusal { code } }`
const change = async (field: string, type: string, caller: Principal = admin()): Promise<Answer> => {
  const text = `mutation { done: ${field} ${SHOWN(type)} }`.replace(
    '... on Stale { currentVersion }',
    /^(change|remove)/.test(field) ? '... on Stale { currentVersion }' : '',
  )
  const { data, errors } = await ask(hub.url, await seal.sign(caller), text)
  expect(errors).toBeUndefined()
  return (data as unknown as { done: Answer }).done
}
const invite = (email: string, roles = '[AGENT]', caller?: Principal) =>
  change(`inviteMember(email: "${email}", name: "Ada", roles: ${roles})`, 'MemberInvited', caller)
const add = (personId: string, roles = '[AGENT]', caller?: Principal) =>
  change(
    `addMember(personId: "${personId}", name: "Name of ${personId}", roles: ${roles})`,
    'MemberAdded',
    caller,
  )
const reRole = ({ id, version }: Member, roles: string, caller?: Principal) =>
  change(
    `changeMemberRoles(id: "${id}", expectedVersion: ${version}, roles: ${roles})`,
    'MemberRolesChanged',
    caller,
  )
const remove = ({ id, version }: Member, caller?: Principal) =>
  change(`removeMember(id: "${id}", expectedVersion: ${version})`, 'MemberRemoved', caller)

const system: Principal = { kind: 'system', id: 'system:gateway', orgId: null, scopes: ['*'] }
const post = async (path: string, body: unknown) => {
  const response = await fetch(`${hub.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [PRINCIPAL_HEADER]: await seal.sign(system) },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: response.status === 204 ? {} : await response.json() } as {
    status: number
    body: { secret: string; roles: string[]; principal: { scopes: string[] }; organisation: { slug: string } }
  }
}
const signIn = (person: { id: string; email?: string }, more: object = {}) =>
  post('/sessions', { person: { name: `Name of ${person.id}`, ...person }, ...more })
const whose = (secret: string) => post('/identify', { session: secret })
const byToken = (id: string, role: string, org = 'demo') =>
  post('/identify', { user: { id, name: id, org, roles: [role] } })

/** What was told and written down of a member, by ids. */
const traces = (id: string) =>
  session(hub.db.adminUrl, async (client) => ({
    audit: (
      await client.query('select action from service.audit_log where subject_id = $1 order by id', [id])
    ).rows.map(({ action }) => action),
    everything: JSON.stringify([
      (await client.query('select m::text from hub.members m where id = $1', [id])).rows,
      (await client.query('select a::text from service.audit_log a where subject_id = $1', [id])).rows,
      (await client.query('select r::text from hub.member_routes r')).rows,
    ]),
  }))

it('invites somebody by an address that is nowhere in the open, who joins by signing in with it, once the provider has confirmed it', async () => {
  const { member } = await invite('Ada@Company.example')
  expect(member).toMatchObject({
    personId: null,
    email: 'ada@company.example',
    state: 'INVITED',
    roles: ['AGENT'],
  })
  expect((await signIn({ id: 'ada' })).status).toBe(403)
  const { status, body } = await signIn({ id: 'ada', email: 'ada@company.example' })
  expect([status, body.organisation.slug]).toEqual([200, 'demo'])
  expect((await whose(body.secret)).body).toMatchObject({
    roles: ['AGENT'],
    principal: { id: 'ada', orgId: DEMO },
  })
  const { audit, everything } = await traces(member.id)
  expect(audit).toEqual(['inviteMember', 'joinOrganisation', 'signIn'])
  expect(everything).not.toContain('company.example')
})

it('lets an invitation be taken once, by nobody after fourteen days, and by nobody after it was taken back', async () => {
  await invite('once@company.example')
  expect((await signIn({ id: 'first', email: 'once@company.example' })).status).toBe(200)
  expect((await signIn({ id: 'second', email: 'once@company.example' })).status).toBe(403)
  await invite('late@company.example')
  const { member } = await invite('back@company.example')
  expect(await remove(member)).toMatchObject({ __typename: 'MemberRemoved' })
  expect((await signIn({ id: 'back', email: 'back@company.example' })).status).toBe(403)
  clock.advance(14 * 86_400_000)
  expect((await signIn({ id: 'late', email: 'late@company.example' })).status).toBe(403)
})

it('invites and adds once what is asked for twice, also at once, and says when somebody is there with other roles', async () => {
  const both = await Promise.all([invite('twice@company.example'), invite('twice@company.example')])
  expect(new Set(both.map(({ member }) => member.id)).size).toBe(1)
  expect((await invite('twice@company.example', '[OPERATOR]')).code).toBe('ALREADY_INVITED')
  const added = await Promise.all([add('grace'), add('grace')])
  expect(new Set(added.map(({ member }) => `${member.id} ${member.version}`)).size).toBe(1)
  expect((await add('grace', '[OPERATOR]')).code).toBe('ALREADY_MEMBER')
})

it('allows what both the organisation and the token allow, and nothing to whom the organisation has removed', async () => {
  // For whom the organisation has decided nothing, the token's word counts, as it does for programs.
  expect((await byToken('linus', 'operator')).body.roles).toEqual(['OPERATOR'])
  const { member } = await add('linus', '[AGENT]')
  const limited = (await byToken('linus', 'operator')).body
  expect(limited.roles).toEqual(['AGENT'])
  expect(limited.principal.scopes).not.toContain('sync:write')
  expect((await byToken('linus', 'readonly')).body.principal.scopes).not.toContain('customers:write')
  await remove(member)
  expect((await byToken('linus', 'admin')).status).toBe(403)
  expect((await add('linus')).member).toMatchObject({ id: member.id, state: 'ACTIVE' })
  expect((await byToken('linus', 'admin')).body.roles).toEqual(['AGENT'])
})

it('changes roles on the version that was read, and gives nobody what the giver may not do', async () => {
  const { member } = await add('barbara')
  expect(await reRole({ ...member, version: 9 }, '[OPERATOR]')).toMatchObject({
    code: 'STALE',
    currentVersion: 1,
  })
  const key: Principal = { kind: 'key', id: 'k', orgId: DEMO, scopes: ['admin', 'customers:read'] }
  expect((await reRole(member, '[ADMIN]', key)).code).toBe('BEYOND_YOURS')
  expect((await add('ken', '[ADMIN]', key)).code).toBe('BEYOND_YOURS')
  const { member: changed } = await reRole(member, '[OPERATOR, AGENT]')
  expect(changed).toMatchObject({ roles: ['OPERATOR', 'AGENT'], version: 2 })
  expect((await reRole(changed, '[AGENT, OPERATOR]')).member.version).toBe(2)
  // Of another organisation nobody is found.
  expect((await remove(changed, admin(EMPTY))).code).toBe('NOT_FOUND')
})

/** How many wait for a lock. In a session of its own: a transaction goes on seeing what it saw at first. */
const waiting = (): Promise<number> =>
  session(hub.db.adminUrl, async (client) => {
    const { rows } = await client.query(
      "select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    return rows[0].count
  })
/** Has two changes meet: neither writes before both have begun, whatever the machine does meanwhile. */
const meeting = <T>(members: readonly Member[], run: () => Promise<T>): Promise<T> =>
  session(hub.db.adminUrl, async (client) => {
    await client.query('begin')
    await client.query('select 1 from hub.members where id = any ($1) for update', [
      members.map(({ id }) => id),
    ])
    const done = run()
    await until(async () => (await waiting()) >= 2, { timeoutMs: 30_000 })
    await client.query('commit')
    return done
  })
const administrators = async (): Promise<Member[]> => {
  const { data } = await ask(
    hub.url,
    await seal.sign(admin()),
    '{ members(filter: { role: ADMIN, state: ACTIVE }) { nodes { id personId name email roles state version } } }',
  )
  return (data as unknown as { members: { nodes: Member[] } }).members.nodes
}
/** Somebody who asks for themselves. */
const by = ({ personId }: Member): Principal => ({ ...admin(), id: personId! })

it.each<[string, (one: Member, two: Member) => Promise<Answer>[]]>([
  ['remove', (one, two) => [remove(two, by(one)), remove(one, by(two))]],
  ['demote', (one, two) => [reRole(two, '[AGENT]', by(one)), reRole(one, '[AGENT]', by(two))]],
  ['demote and remove', (one, two) => [reRole(two, '[AGENT]', by(one)), remove(one, by(two))]],
])('keeps one administrator when two %s one another at once', async (how, moves) => {
  const [kept, ...former] = await administrators()
  for (const one of former) await remove(one)
  const one = kept ?? (await add('the first', '[ADMIN]')).member
  const two = (await add(`to ${how}`, '[ADMIN]')).member
  const answers = await meeting([one, two], () => Promise.all(moves(one, two)))
  expect(answers.map(({ code }) => code).filter(Boolean)).toEqual(['LAST_ADMIN'])
  const [last, ...others] = await administrators()
  expect(others).toEqual([])
  expect((await remove(last!)).code).toBe('LAST_ADMIN')
  expect((await reRole(last!, '[ADMIN, AGENT]')).member.roles).toEqual(['ADMIN', 'AGENT'])
})

it('answers a decision that is sent again as the first time, and decides nothing of whom it has removed', async () => {
  const { member } = await add('edsger')
  const first = await reRole(member, '[OPERATOR]')
  expect(await reRole(member, '[OPERATOR]')).toEqual(first)
  await remove(first.member)
  expect((await remove(first.member)).member.state).toBe('REMOVED')
  expect((await reRole({ ...member, version: 3 }, '[OPERATOR]')).code).toBe('REMOVED')
})

it('lists members by name, page by page, by role, state and name, in one statement', async () => {
  const page = async (args: string) => {
    const text = `{ members(${args}) { nodes { name roles state } pageInfo { endCursor hasNextPage } } }`
    const statements = await hub.statementsOf(async () => ask(hub.url, await seal.sign(admin()), text))
    expect(statements).toHaveLength(1)
    const { data } = await ask(hub.url, await seal.sign(admin()), text)
    return (
      data as unknown as {
        members: { nodes: Member[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
      }
    ).members
  }
  const all = (await page('first: 200')).nodes.map(({ name }) => name)
  expect(all).toEqual([...all].sort())
  const paged = []
  for (let after = 'null'; ; ) {
    const { nodes, pageInfo } = await page(`first: 2, after: ${after}`)
    paged.push(...nodes.map(({ name }) => name))
    if (!pageInfo.hasNextPage) break
    after = `"${pageInfo.endCursor}"`
  }
  expect(paged).toEqual(all)
  expect((await page('filter: { text: "GRACE" }')).nodes).toMatchObject([{ name: 'Name of grace' }])
  expect((await page('filter: { state: REMOVED }')).nodes.every(({ state }) => state === 'REMOVED')).toBe(
    true,
  )
})

it('ends a session when it is not used for an hour, after twelve hours however it is used, and when somebody signs out', async () => {
  await add('margaret')
  const begin = async () => (await signIn({ id: 'margaret' })).body.secret
  const [idle, used, left] = [await begin(), await begin(), await begin()]
  expect((await post('/sessions/end', { secret: left })).status).toBe(204)
  expect((await whose(left)).status).toBe(401)
  for (let minutes = 0; minutes < 660; minutes += 55) {
    expect((await whose(used)).status).toBe(200)
    clock.advance(55 * 60_000)
  }
  expect((await whose(idle)).status).toBe(401)
  expect((await whose(used)).status).toBe(200)
  clock.advance(59 * 60_000)
  expect((await whose(used)).status).toBe(200)
  clock.advance(2 * 60_000)
  expect((await whose(used)).status).toBe(401)
  const everything = await session(hub.db.adminUrl, async (client) =>
    JSON.stringify((await client.query('select r::text from hub.session_routes r')).rows),
  )
  expect(everything).not.toContain(used)
})

it('goes to another organisation of one’s own with a new session, once, and to nobody else’s', async () => {
  await add('donald', '[AGENT]')
  const { secret } = (await signIn({ id: 'donald' })).body
  expect((await post('/sessions/switch', { secret, org: 'empty' })).status).toBe(403)
  await add('donald', '[ADMIN]', admin(EMPTY))
  const donald: Principal = { kind: 'user', id: 'donald', orgId: DEMO, scopes: ['*'] }
  const { data } = await ask(
    hub.url,
    await seal.sign(donald),
    '{ viewer { memberships { slug roles isCurrent } } }',
  )
  expect(data).toEqual({
    viewer: {
      memberships: [
        { slug: 'demo', roles: ['AGENT'], isCurrent: true },
        { slug: 'empty', roles: ['ADMIN'], isCurrent: false },
      ],
    },
  })
  const moves = await Promise.all([1, 2].map(() => post('/sessions/switch', { secret, org: 'empty' })))
  expect(moves.map(({ status }) => status).sort()).toEqual([200, 401])
  const moved = moves.find(({ status }) => status === 200)!.body
  expect((await whose(moved.secret)).body).toMatchObject({
    roles: ['ADMIN'],
    organisation: { slug: 'empty' },
  })
  expect((await whose(secret)).status).toBe(401)
})
