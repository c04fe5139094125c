import { expect, it } from 'vitest'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { until } from '#test/kit/until.ts'
import { connectionsBed, FIRST_PORTAL, SECOND_PORTAL } from './bed.ts'

const until10 = /Max-Age=600/

it('connects a portal through HubSpot’s page, in the browser that began, and reads it', async () => {
  await using bed = await connectionsBed()
  const begun = await bed.begin({ name: 'Sales' })
  expect(begun.status).toBe(200)
  expect(begun.body).toMatchObject({
    __typename: 'ConnectionBegun',
    scopes: ['oauth', 'crm.objects.companies.read'],
  })
  expect(begun.set).toHaveLength(1)
  expect(begun.set[0]).toMatch(/HttpOnly/)
  expect(begun.set[0]).toMatch(/SameSite=Lax/)
  expect(begun.set[0]).toMatch(until10)
  const asked = new URL(begun.body.authorizeUrl).searchParams
  expect(asked.get('redirect_uri')).toBe(bed.app.redirectUri)
  // The browser's half is nowhere but in its cookie.
  expect(JSON.stringify(begun.body)).not.toContain(begun.cookie.split('=')[1])

  const came = await bed.back(await bed.consent(begun.body.authorizeUrl), begun.cookie)
  expect(came.status).toBe(200)
  expect(came.headers.get('set-cookie')).toMatch(/Max-Age=0/)
  const [row, ...others] = await bed.integrations()
  expect(others).toEqual([])
  expect(row).toMatchObject({ name: 'Sales', portal_id: String(FIRST_PORTAL), status: 'ACTIVE' })
  expect(row?.granted_scopes).toContain('crm.objects.deals.read')
  await bed.settled()
  expect((await bed.runs()).map(({ mode, state }) => ({ mode, state }))).toEqual([
    { mode: 'FULL', state: 'COMPLETED' },
  ])
  const answer = await bed.ask('{ customers(first: 10) { nodes { name } } }')
  expect(answer.data.customers.nodes).toHaveLength(5)
})

it('fault 69: refuses a state that is missing, forged, replayed, late or another browser’s, asks HubSpot nothing for it, and leads nowhere', async () => {
  let ahead = 0
  const clock: Clock = { now: () => new Date(systemClock.now().getTime() + ahead) }
  await using bed = await connectionsBed({ worker: false, customers: { clock } })
  const { begin, consent, back } = bed
  const exchanges = async () =>
    (await bed.journal()).entries.filter(({ path }) => path === '/oauth/v1/token').length

  const mine = await begin()
  const other = await begin()
  const location = await consent(mine.body.authorizeUrl)
  const changed = (name: string, value: string | null) => {
    const url = new URL(location)
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
    return url.href
  }
  const state = new URL(location).searchParams.get('state') ?? ''
  const otherState = new URL(other.body.authorizeUrl).searchParams.get('state') ?? ''
  const refused = [
    await back(changed('state', null), mine.cookie),
    await back(changed('state', 'guessed'), mine.cookie),
    await back(changed('state', `${state.slice(0, -1)}${state.endsWith('x') ? 'y' : 'x'}`), mine.cookie),
    await back(`${location}&state=${state}`, mine.cookie),
    // A stranger who saw the way back, without the browser's cookie or with one of his own attempt.
    await back(location, ''),
    await back(location, other.cookie),
    await back(changed('state', otherState), mine.cookie),
    await back(location, `${mine.cookie}; ${mine.cookie.replace(/=.*/, '=planted')}`),
  ]
  expect(refused.map(({ status }) => status)).toEqual(Array(8).fill(400))
  expect(await exchanges()).toBe(0)

  // Nothing of this has used it up; with its own browser it counts, once.
  const elsewhere = `${location}&redirect_uri=https://evil.example&next=//evil.example&return_to=https://evil.example`
  const came = await back(elsewhere, mine.cookie)
  expect(came.status).toBe(200)
  expect(came.headers.get('location')).toBeNull()
  expect(came.text).not.toContain('evil')
  expect(came.text).not.toMatch(/<(script|a|img|iframe|meta http-equiv="refresh")\b/)
  expect((await back(location, mine.cookie)).status).toBe(400)
  expect(await exchanges()).toBe(1)

  const late = await begin()
  const lateBack = await consent(late.body.authorizeUrl)
  ahead = 10 * 60_000 + 1
  expect((await back(lateBack, late.cookie)).status).toBe(400)
  expect(await exchanges()).toBe(1)
  expect(await bed.integrations()).toHaveLength(1)
})

it('connects nothing when somebody says no, and the same attempt cannot be used again', async () => {
  await using bed = await connectionsBed({ worker: false })
  const begun = await bed.begin()
  const denied = await bed.consent(begun.body.authorizeUrl, 'deny')
  const came = await bed.back(denied, begun.cookie)
  expect(came.status).toBe(400)
  expect(came.text).toContain('not granted')
  const granted = await bed.consent(begun.body.authorizeUrl)
  expect((await bed.back(granted, begun.cookie)).status).toBe(400)
  expect(await bed.integrations()).toEqual([])
})

it('connects several portals whose records have the same numbers, and the same portal again as the same connection', async () => {
  await using bed = await connectionsBed()
  const first = await bed.connect(FIRST_PORTAL)
  const second = await bed.connect(SECOND_PORTAL)
  await bed.settled()
  const count = async () =>
    (await bed.ask('{ customers(first: 50) { nodes { id hubspotCompanyId } } }')).data.customers.nodes.length
  const links = await bed.database.read('00000000-0000-4000-8000-000000000001', (tx) =>
    tx
      .selectFrom('sync.links')
      .select(['connection_id', 'external_id'])
      .where('type', '=', 'companies')
      .execute(),
  )
  expect(links.filter((link) => link.connection_id === first)).toHaveLength(5)
  expect(links.filter((link) => link.connection_id === second)).toHaveLength(5)
  expect(new Set(links.map((link) => link.external_id)).size).toBe(5)
  // Both tell of the same businesses.
  await until(async () => (await count()) === 5)
  expect(await bed.connect(FIRST_PORTAL)).toBe(first)
  await bed.settled()
  expect(await count()).toBe(5)
  expect(await bed.integrations()).toHaveLength(2)
  expect(await bed.credentials()).toHaveLength(2)
})

it('refuses another portal for a connection that is to be made again', async () => {
  await using bed = await connectionsBed({ worker: false })
  const first = await bed.connect(FIRST_PORTAL)
  const begun = await bed.begin({ integrationId: first })
  const came = await bed.back(await bed.consent(begun.body.authorizeUrl, SECOND_PORTAL), begun.cookie)
  expect(came.status).toBe(409)
  expect((await bed.integrations()).map((row) => row.portal_id)).toEqual([String(FIRST_PORTAL)])
})
