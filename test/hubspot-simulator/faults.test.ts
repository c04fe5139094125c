import { expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import type { Journal } from '#test/kit/simulator.ts'
import { until } from '#test/kit/until.ts'
import { openPortal, type Page } from './portal.ts'

const PAGE = '/crm/v3/objects/companies?limit=5'

it('plays a status on the nth matching request only', async () => {
  await using portal = await openPortal()
  await portal.sim('faults', {
    id: 'second-page',
    path: 'objects/companies',
    nth: 2,
    play: { do: 'status', status: 503, body: { status: 'error', message: 'try later' } },
  })
  const statuses = []
  for (const path of [PAGE, '/crm/v3/owners/', PAGE, PAGE]) statuses.push((await portal.call(path)).status)
  expect(statuses).toEqual([200, 200, 503, 200])
  const journal = await portal.sim<Journal>('journal')
  expect(journal.entries.map((e) => e.fault)).toEqual([undefined, undefined, 'second-page', undefined])
})

it('does the work and hides it when a write fails after it was committed', async () => {
  await using portal = await openPortal()
  await portal.sim('faults', {
    method: 'POST',
    nth: 1,
    play: { do: 'status', status: 500, body: {}, afterCommit: true },
  })
  const email = 'once.only@kept-secret-voice.com'
  const create = () => portal.call('/crm/v3/objects/contacts', { properties: { email } })
  expect((await create()).status).toBe(500)
  expect((await create()).status).toBe(409)
})

it('cuts JSON, shows a page of HTML, and drips a byte at a time', async () => {
  await using portal = await openPortal()
  await portal.sim('faults', [
    { nth: 1, play: { do: 'truncate' } },
    { nth: 1, play: { do: 'html' } },
    { nth: 1, play: { do: 'html', status: 200 } },
    { nth: 1, play: { do: 'trickle', bytesPerSecond: 50 } },
  ])
  const cut = await portal.call(PAGE)
  expect(cut.status).toBe(200)
  expect(() => cut.json()).toThrow(SyntaxError)
  expect((await portal.call(PAGE)).text).toMatch(/^<html>.*502 Bad Gateway/)
  expect(await portal.call(PAGE)).toMatchObject({ status: 200, text: expect.stringMatching(/^<html>/) })
  const response = await fetch(portal.url + PAGE, {
    headers: { authorization: 'Bearer pat-na1-demo-tributary-simulator' },
  })
  const first = await response.body!.getReader().read()
  expect(first.value!.length).toBeLessThan(20)
})

it('hangs until the caller gives up, and notes that it went away', async () => {
  await using portal = await openPortal()
  await portal.sim('faults', { nth: 1, play: { do: 'hang' } })
  const caller = new AbortController()
  const call = portal.call(PAGE, undefined, { signal: caller.signal })
  call.catch(() => undefined)
  await until(async () => (await portal.sim<{ rules: { played: number }[] }>('faults')).rules[0]?.played)
  caller.abort()
  await expect(call).rejects.toThrow()
  const gone = await until(async () => {
    const { entries } = await portal.sim<Journal>('journal')
    return entries.find((e) => e.status === 499)
  })
  expect(gone).toMatchObject({ fault: 'hang-1' })
})

it('holds an answer, its work done or not, until the rules are taken away', async () => {
  await using portal = await openPortal()
  const create = (email: string) =>
    portal.call('/crm/v3/objects/contacts', { properties: { email: `${email}@kept-secret-voice.com` } })
  const held = async (email: string, play: object) => {
    await portal.sim('faults', { method: 'POST', nth: 1, play: { do: 'hold', ...play } })
    let answered = false
    const first = create(email).finally(() => {
      answered = true
    })
    await until(async () => (await portal.sim<Journal>('journal')).entries.some((e) => e.fault))
    const second = (await create(email)).status
    expect(answered).toBe(false)
    await portal.sim('faults', undefined, 'DELETE')
    await portal.sim('journal', undefined, 'DELETE')
    return [(await first).status, second]
  }
  expect(await held('not.yet', {})).toEqual([409, 201])
  expect(await held('already', { afterCommit: true })).toEqual([201, 409])
})

it('closes the connection before the answer, or in the middle of it', async () => {
  await using portal = await openPortal()
  await portal.sim('faults', [
    { nth: 1, play: { do: 'close' } },
    { nth: 1, play: { do: 'close', bytes: 10 } },
  ])
  await expect(portal.call(PAGE)).rejects.toThrow()
  await expect(portal.call(PAGE)).rejects.toThrow()
  expect((await portal.call(PAGE)).status).toBe(200)
})

it('bans a portal for a while, with or without saying for how long, and counts the calls inside the ban', async () => {
  const clock = new TestClock('2026-11-20T09:00:00Z')
  await using portal = await openPortal({ clock })
  await portal.sim('faults', { nth: 2, play: { do: 'ban', ms: 4_000, retryAfter: true } })
  expect((await portal.call(PAGE)).status).toBe(200)
  const banned = await portal.call(PAGE)
  expect(banned.status).toBe(429)
  expect(banned.headers.get('retry-after')).toBe('4')
  clock.advance(3_500)
  expect((await portal.call('/crm/v3/owners/')).status).toBe(429)
  clock.advance(500)
  expect((await portal.call(PAGE)).status).toBe(200)
  const journal = await portal.sim<Journal>('journal')
  expect(journal.counts.refused).toEqual({ ban: 1 })
})

it('plays a fault for a span of time and then no more', async () => {
  const clock = new TestClock('2026-11-20T09:00:00Z')
  await using portal = await openPortal({ clock })
  await portal.sim('faults', { afterMs: 1_000, forMs: 60_000, play: { do: 'html', status: 504 } })
  expect((await portal.call(PAGE)).status).toBe(200)
  clock.advance(1_000)
  expect((await portal.call(PAGE)).status).toBe(504)
  clock.advance(59_999)
  expect((await portal.call(PAGE)).status).toBe(504)
  clock.advance(1)
  expect((await portal.call(PAGE)).status).toBe(200)
})

it('lets a token expire in the middle of a listing, and takes another', async () => {
  await using portal = await openPortal()
  await portal.sim('faults', { path: 'companies', nth: 2, play: { do: 'trigger', name: 'expire-token' } })
  expect((await portal.call(PAGE)).status).toBe(200)
  const expired = await portal.call(PAGE)
  expect(expired.status).toBe(401)
  expect(expired.json()).toMatchObject({ category: 'EXPIRED_AUTHENTICATION' })
  expect((await portal.call(PAGE)).status).toBe(401)
  await portal.sim('faults', { tokens: { 'fresh-token': '44180277' } })
  expect((await portal.call(PAGE, undefined, { token: 'fresh-token' })).status).toBe(200)
})

it('changes a record between two pages', async () => {
  await using portal = await openPortal()
  const first = (await portal.call<Page>(PAGE)).json()
  const last = (await portal.sim<Page>('records/companies')).results.at(-1)!
  const changes = [{ id: last.id, properties: { city: 'Moved' } }]
  await portal.sim('faults', {
    nth: 1,
    play: { do: 'trigger', name: 'change-records', detail: { type: 'companies', changes } },
  })
  await portal.call(`${PAGE}&after=${first.paging!.next!.after}`)
  const read = await portal.call<Page['results'][0]>(`/crm/v3/objects/companies/${last.id}?properties=city`)
  expect(read.json().properties.city).toBe('Moved')
})

it('stamps records and dates its answers by a clock that may be wrong', async () => {
  await using portal = await openPortal({ clock: new TestClock('2026-11-20T09:00:00Z') })
  await portal.sim('clock', { skewMs: -600_000 })
  const answer = await portal.call<Page['results'][0]>('/crm/v3/objects/companies', {
    properties: { name: 'Slow clock' },
  })
  expect(answer.json().updatedAt).toBe('2026-11-20T08:50:00.000Z')
  expect(answer.headers.get('date')).toBe('Fri, 20 Nov 2026 08:50:00 GMT')
})

it('refuses a script that it cannot read, and says why', async () => {
  await using portal = await openPortal()
  await expect(portal.sim('faults', [{ play: { do: 'explode' } }])).rejects.toThrow(/play\.do/)
  await expect(portal.sim('faults', { path: '(', play: { do: 'close' } })).rejects.toThrow(
    /regular expression/,
  )
  await expect(portal.sim('faults', { indexLag: 3 })).rejects.toThrow(/indexLag/)
  await expect(portal.sim('limits', { weekly: 3 })).rejects.toThrow(/weekly/)
})
