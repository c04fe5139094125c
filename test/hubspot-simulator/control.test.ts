import { expect, it } from 'vitest'
import type { Journal } from '#test/kit/simulator.ts'
import { listAll, openPortal } from './portal.ts'

it('starts a portal over with other records', async () => {
  await using portal = await openPortal()
  const before = await listAll(portal, 'companies')
  const sizes = await portal.sim('seed', { companies: 70, seed: 11 })
  expect(sizes).toEqual({ companies: 70, contacts: 210, deals: 56, tickets: 28, tasks: 56, notes: 84 })
  expect(before).toHaveLength(40)
  expect(await listAll(portal, 'companies')).toHaveLength(70)
})

it('leaves its own calls out of the journal, and every other call in it', async () => {
  await using portal = await openPortal()
  await portal.sim('records/companies')
  await portal.call('/crm/v3/owners/')
  await portal.call('/crm/v3/objects/companies', undefined, { token: 'stranger' })
  const journal = await portal.sim<Journal>('journal')
  expect(journal.entries.map(({ method, path, status, portal }) => [method, path, status, portal])).toEqual([
    ['GET', '/crm/v3/owners/', 200, '44180277'],
    ['GET', '/crm/v3/objects/companies', 401, ''],
  ])
  const owners = await portal.sim<Journal>('journal?path=owners&entries=0')
  expect(owners).toMatchObject({ counts: { total: 1 }, entries: [] })
  await portal.sim('journal', undefined, 'DELETE')
  expect((await portal.sim<Journal>('journal')).counts.total).toBe(0)
})

it('changes a portal as a user would: every kind of change in one list', async () => {
  await using portal = await openPortal()
  const [a, b] = (await listAll(portal, 'contacts')) as [string, string]
  const [company] = (await listAll(portal, 'companies')) as [string]
  const at = '2026-11-12T12:00:00.000Z'
  const { results } = await portal.sim<{ results: { id: string }[] }>('records/contacts', [
    { properties: { email: 'new.person@brandnew-voice.com' }, at },
    {
      id: a,
      properties: { firstname: 'Renamed' },
      associate: { to: 'companies', id: company, primary: true },
    },
    { id: b, archive: true },
  ])
  const dump = await portal.sim<{
    results: {
      id: string
      updatedAt: string
      archived: boolean
      properties: Record<string, string>
      associations: Record<string, { id: string; typeIds: number[] }[]>
    }[]
  }>(`records/contacts?ids=${results.map((r) => r.id).join(',')}&associations=companies`)
  const [made, renamed, archived] = dump.results
  expect(made).toMatchObject({ updatedAt: at, properties: { email: 'new.person@brandnew-voice.com' } })
  expect(renamed!.properties.firstname).toBe('Renamed')
  expect(archived!.archived).toBe(true)
  const edges = renamed!.associations.companies!
  expect(edges.find((e) => e.id === company)!.typeIds).toContain(1)
  // One company is primary, whoever else there is.
  expect(edges.filter((e) => e.typeIds.includes(1))).toHaveLength(1)
})

it('plays faults by count and by chance, the same each time', async () => {
  await using portal = await openPortal()
  const play = { do: 'status', status: 500, body: {} }
  const run = async () => {
    const statuses = []
    for (let i = 0; i < 12; i += 1) statuses.push((await portal.call('/crm/v3/owners/')).status)
    await portal.sim('faults', undefined, 'DELETE')
    return statuses.map((s) => (s === 500 ? 'x' : '.')).join('')
  }
  await portal.sim('faults', { skip: 2, every: 3, times: 2, play })
  expect(await run()).toBe('....x..x....')
  await portal.sim('faults', { probability: 0.5, play })
  const first = await run()
  expect(first).toMatch(/x/)
  expect(first).toMatch(/\./)
})

it('says of a control call it does not know that it does not know it', async () => {
  await using portal = await openPortal()
  await expect(portal.sim('records/unicorns')).rejects.toThrow(/unicorns/)
  await expect(portal.sim('nothing')).rejects.toThrow(/not a control call/)
  await expect(portal.sim('records/companies', { id: '1', archive: true })).rejects.toThrow(/no record 1/)
  await expect(portal.sim('seed?portal=5', {})).rejects.toThrow(/no portal 5/)
})
