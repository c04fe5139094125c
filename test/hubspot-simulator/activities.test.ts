import { expect, it } from 'vitest'
import { listAll, type OpenPortal, openPortal, type Page } from './portal.ts'

interface BatchOfEdges {
  results: { from: { id: string }; to: { toObjectId: number }[] }[]
}

const edges = async (portal: OpenPortal, from: string, to: string, ids: string[]): Promise<string[]> => {
  const answer = await portal.call<BatchOfEdges>(`/crm/v4/associations/${from}/${to}/batch/read`, {
    inputs: ids.map((id) => ({ id })),
  })
  return answer.json().results.flatMap((r) => r.to.map((t) => `${r.from.id} ${t.toObjectId}`))
}

it('has tasks and notes on file that people could have written, each with a company', async () => {
  await using portal = await openPortal({ companies: 100 })
  const [tasks, notes] = [await listAll(portal, 'tasks'), await listAll(portal, 'notes')]
  expect([tasks.length, notes.length]).toEqual([80, 120])
  const read = await portal.call<Page>('/crm/v3/objects/tasks/batch/read', {
    properties: ['hs_task_subject', 'hs_task_status', 'hs_timestamp', 'hs_task_completion_date'],
    propertiesWithHistory: [],
    inputs: tasks.map((id) => ({ id })),
  })
  const values = read.json().results.map((r) => r.properties)
  expect(new Set(values.map((v) => v.hs_task_status)).size).toBeGreaterThanOrEqual(3)
  for (const { hs_task_status, hs_task_completion_date, hs_timestamp, hs_task_subject } of values) {
    expect(hs_task_completion_date === null).toBe(hs_task_status !== 'COMPLETED')
    expect(hs_timestamp).toMatch(/Z$/)
    expect(hs_task_subject).not.toContain('{')
  }
  const bodies = await portal.call<Page>('/crm/v3/objects/notes?limit=100&properties=hs_note_body')
  for (const { properties } of bodies.json().results)
    expect(properties.hs_note_body).toMatch(/^<p>[^{]+<\/p>$/)
  expect(await edges(portal, 'tasks', 'companies', tasks)).toHaveLength(80)
  expect(await edges(portal, 'notes', 'companies', notes)).toHaveLength(120)
})

it('associates tasks and notes the same from both sides', async () => {
  await using portal = await openPortal({ companies: 100 })
  for (const activity of ['tasks', 'notes'])
    for (const other of ['companies', 'contacts', 'deals', 'tickets']) {
      const there = await edges(portal, activity, other, await listAll(portal, activity))
      const back = await edges(portal, other, activity, await listAll(portal, other))
      expect(there.length, `${activity} ${other}`).toBeGreaterThan(3)
      expect(back.map((pair) => pair.split(' ').reverse().join(' ')).sort()).toEqual(there.sort())
    }
})

it('finds a task by search, changes it, and archives it', async () => {
  await using portal = await openPortal({ companies: 100 })
  const open = { propertyName: 'hs_task_status', operator: 'EQ', value: 'NOT_STARTED' }
  const search = () =>
    portal.call<Page>('/crm/v3/objects/0-27/search', { filterGroups: [{ filters: [open] }], limit: 200 })
  const [first, ...others] = (await search()).json().results
  const path = `/crm/v3/objects/tasks/${first!.id}`
  await portal.call(path, { properties: { hs_task_status: 'COMPLETED' } }, { method: 'PATCH' })
  expect((await search()).json().results).toHaveLength(others.length)
  const done = await portal.call<Page['results'][0]>(`${path}?properties=hs_task_completion_date`)
  expect(done.json().properties.hs_task_completion_date).not.toBeNull()
  expect((await portal.call(path, undefined, { method: 'DELETE' })).status).toBe(204)
  expect((await portal.call(path)).status).toBe(404)
  expect(await listAll(portal, 'tasks', '&archived=true')).toEqual([first!.id])
})

it('knows who of a customer signs in to WARP, and what the desk notes about trouble there', async () => {
  await using portal = await openPortal({ companies: 200 })
  const read = async (type: string, names: string[]) => {
    const query = names.map((name) => `properties=${name}`).join('&')
    const page = await portal.call<Page>(`/crm/v3/objects/${type}?limit=100&${query}`)
    return page.json().results.map((r) => r.properties)
  }
  const contacts = await read('contacts', ['warp_user_id', 'warp_role', 'warp_api_key_count'])
  const users = contacts.filter((c) => c.warp_user_id !== null)
  expect(users.length).toBeGreaterThan(10)
  expect(users.length).toBeLessThan(50)
  expect(users.every((c) => c.warp_role !== null && c.warp_api_key_count !== null)).toBe(true)
  const tickets = await read('tickets', ['warp_trunk_id', 'warp_technical_details'])
  expect(tickets.some((t) => t.warp_trunk_id?.startsWith('trunk_'))).toBe(true)
})

it('has noticed of people what they did, more of those whose business does well', async () => {
  await using portal = await openPortal({ companies: 300 })
  const names = ['num_notes', 'hs_email_open', 'hs_email_last_open_date', 'hs_buying_role']
  const ids = (await listAll(portal, 'contacts')).slice(0, 100)
  const read = await portal.call<Page>('/crm/v3/objects/contacts/batch/read', {
    properties: names,
    propertiesWithHistory: [],
    inputs: ids.map((id) => ({ id })),
  })
  const values = read.json().results.map((r) => r.properties)
  for (const name of names) {
    const known = values.filter((v) => v[name] !== null).length
    expect(known, name).toBeGreaterThan(10)
    expect(known, name).toBeLessThan(95)
  }
  for (const v of values) expect(v.hs_email_open === null).toBe(v.hs_email_last_open_date === null)
  const path = `/crm/v3/objects/contacts/${ids[0]}`
  const refused = await portal.call(path, { properties: { num_notes: '3' } }, { method: 'PATCH' })
  expect(refused.json()).toMatchObject({ errors: [{ code: 'READ_ONLY_VALUE' }] })
  await portal.sim('records/contacts', { id: ids[0], properties: { num_notes: '3' } })
  const played = await portal.call<Page['results'][0]>(`${path}?properties=num_notes`)
  expect(played.json().properties.num_notes).toBe('3')
})
