import { expect, it } from 'vitest'
import { mayBeDone, VendorUnavailable } from '#connectors/contract.ts'
import type { HubSpotPair } from '#connectors/hubspot/index.ts'
import { gather, numbers, type Reply, scriptedPortal } from './scripted-portal.ts'
import { startPortal } from './simulated-portal.ts'

it('links and unlinks records, in one request for thousands of pairs, and says which pairs were refused', async () => {
  await using on = await startPortal(700, { limits: false })
  const companies = (await gather(on.hubspot.list('companies'))).map(({ id }) => id)
  const contacts = (await gather(on.hubspot.list('contacts'))).map(({ id }) => id)
  const before = await on.hubspot.associations('contacts', 'companies', contacts)
  const pairs: HubSpotPair[] = contacts.slice(0, 2_001).map((from, i) => ({ from, to: companies[i % 700]! }))
  expect(await on.hubspot.link('contacts', 'companies', [...pairs, pairs[0]!])).toEqual([])
  expect(on.hubspot.requests.write).toBe(2)
  const linked = await on.hubspot.associations('contacts', 'companies', contacts)
  for (const { from, to } of pairs) {
    expect(linked.get(from)!.map(({ id }) => id)).toContain(to)
    // Who has a primary company keeps it.
    const primary = before.get(from)!.find((each) => each.primary)
    if (primary) expect(linked.get(from)!.find((each) => each.primary)?.id).toBe(primary.id)
  }

  const bad = { from: contacts[0]!, to: '999999999' }
  expect(await on.hubspot.link('contacts', 'companies', [pairs[0]!, bad, pairs[1]!])).toEqual([
    { ...bad, category: 'OBJECT_NOT_FOUND', message: expect.any(String) },
  ])
  expect(await on.hubspot.link('contacts', 'companies', [bad])).toMatchObject([bad])

  await on.hubspot.unlink('contacts', 'companies', [...pairs.slice(0, 250), bad])
  await on.hubspot.unlink('contacts', 'companies', pairs.slice(0, 1))
  expect(on.hubspot.requests.write).toBe(2 + 1 + 1 + 3 + 1)
  const left = await on.hubspot.associations('contacts', 'companies', contacts.slice(0, 251))
  for (const { from, to } of pairs.slice(0, 250))
    expect(left.get(from)!.map(({ id }) => id)).not.toContain(to)
  expect(left.get(pairs[250]!.from)!.map(({ id }) => id)).toContain(pairs[250]!.to)
  expect(await on.hubspot.link('contacts', 'companies', [])).toEqual([])
})

it('makes another company the primary one, and takes only that away again', async () => {
  await using on = await startPortal(40, { limits: false })
  const [company] = (await gather(on.hubspot.list('companies'))).map(({ id }) => id) as [string]
  const contacts = (await gather(on.hubspot.list('contacts', { associations: ['companies'] }))).filter(
    ({ associations }) => associations!.companies!.some(({ id, primary }) => primary && id !== company),
  )
  const from = contacts[0]!.id
  const former = contacts[0]!.associations!.companies!.find(({ primary }) => primary)!.id
  const links = async () => {
    const found = (await on.hubspot.associations('contacts', 'companies', [from])).get(from)!
    return Object.fromEntries(found.map(({ id, primary }) => [id, primary]))
  }
  const pair = { from, to: company, primary: true }
  expect(await on.hubspot.link('contacts', 'companies', [pair])).toEqual([])
  expect(await links()).toMatchObject({ [former]: false, [company]: true })
  await on.hubspot.unlink('contacts', 'companies', [pair])
  expect(await links()).toMatchObject({ [former]: false, [company]: false })
  await on.hubspot.link('contacts', 'companies', [
    { ...pair, to: former },
    { from, to: company },
  ])
  expect(await links()).toMatchObject({ [former]: true, [company]: false })
  await expect(on.hubspot.link('deals', 'contacts', [pair])).rejects.toThrow(RangeError)
})

it('links records of a type that the portal has made up', async () => {
  await using on = await startPortal(10, { limits: false })
  const { typeId } = await on.hubspot.createSchema({
    ...{ name: 'trunk', labels: { singular: 'Trunk', plural: 'Trunks' }, primaryDisplayProperty: 'label' },
    properties: [{ name: 'label', label: 'Label', description: '', type: 'string', fieldType: 'text' }],
    associatedObjects: ['0-2'],
  })
  const made = await on.hubspot.createBatch(typeId, [{ trace: 'a', properties: { label: 'Trunk 1' } }])
  const [to] = (await gather(on.hubspot.list('companies'))).map(({ id }) => id) as [string]
  const from = made.written[0]!.id
  expect(await on.hubspot.link(typeId, 'companies', [{ from, to }])).toEqual([])
  const links = await on.hubspot.associations('companies', typeId, [to])
  expect(links.get(to)!.map(({ id }) => id)).toEqual([from])
})

it('does not repeat a linking whose answer was lost', async () => {
  await using on = await startPortal(10, { limits: false })
  const [to] = (await gather(on.hubspot.list('companies'))).map(({ id }) => id) as [string]
  const [from] = (await gather(on.hubspot.list('deals'))).map(({ id }) => id) as [string]
  for (const path of ['associate/default', 'batch/archive'])
    await on.sim('faults', { path, nth: 1, play: { do: 'close', afterCommit: true } })
  for (const verb of ['link', 'unlink'] as const) {
    const error = await on.hubspot[verb]('deals', 'companies', [{ from, to }]).catch(
      (thrown: unknown) => thrown,
    )
    expect(VendorUnavailable.is(error) && mayBeDone(error)).toBe(true)
  }
  expect(on.hubspot.requests).toMatchObject({ write: 2, retries: 0 })
  expect(await on.hubspot.link('deals', 'companies', [{ from, to }])).toEqual([])
})

it('finds the pairs that an error is about by either end, and those of a general one by what was linked', async () => {
  const pairs = numbers(4).map((n) => ({ from: `1${n}`, to: `2${n}` }))
  const error = (category: string, context: object) => ({ category, message: 'no', context })
  let reply: Reply = {}
  await using portal = await scriptedPortal(() => reply)
  const outcome = async (results: unknown[], errors: unknown[]) => {
    reply = { status: 207, body: { status: 'COMPLETE', results, errors } }
    const refused = await portal.open().link('deals', 'companies', pairs)
    return refused.map(({ from, category }) => [from, category])
  }
  expect(
    await outcome([], [error('A', { fromObjectId: ['11'] }), error('B', { toObjectId: ['23'] })]),
  ).toEqual([
    ['11', 'A'],
    ['13', 'B'],
  ])
  expect(await outcome([], [error('A', { fromObjectId: ['11'], toObjectId: ['22'] })])).toEqual(
    pairs.map(({ from }) => [from, 'A']),
  )
  const ends = (n: number) => ({ from: { id: `2${n}` }, to: { id: `1${n}` }, associationSpec: {} })
  expect(await outcome([ends(1), ends(2)], [error('FULL', {}), error('C', { id: ['24'] })])).toEqual([
    ['13', 'FULL'],
    ['14', 'C'],
  ])
})
