import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HeldRow, rowsOf } from '#test/customers/rows.ts'
import { type CustomersBed, importedBed, ORG, reader, worker, writer } from '#test/kit/customers.ts'
import { quiet } from '#test/kit/engine.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { until } from '#test/kit/until.ts'

const stack = new AsyncDisposableStack()
let bed: CustomersBed
let deals: HeldRow[]
let people: HeldRow[]
beforeAll(async () => {
  bed = stack.use(await importedBed({ companies: 1, keyed: true }))
  for (let n = 1; n <= 6; n++)
    await bed.sim('records/contacts', {
      properties: { email: `linked.${n}@people.example`, firstname: `Linked ${n}` },
    })
  for (let n = 1; n <= 4; n++)
    await bed.sim('records/deals', {
      properties: { dealname: `Linking ${n}`, pipeline: 'default', dealstage: 'qualifiedtobuy' },
    })
  stack.use(worker(bed))
  await bed.sync('FULL')
  const named = async (type: 'deals' | 'contacts', field: string, word: string) =>
    [...(await rowsOf(bed, type)).values()]
      .filter(({ properties }) => String(properties[field]).startsWith(word))
      .sort((a, b) => (a.external_id < b.external_id ? -1 : 1))
  deals = await named('deals', 'dealname', 'Linking')
  people = await named('contacts', 'firstname', 'Linked')
  stack.use(reader(bed))
})
afterAll(() => stack.disposeAsync())

const linksOf = ({ properties }: HeldRow) => (properties['@contacts'] as string[] | undefined) ?? []
const here = async ({ external_id: id }: HeldRow) => linksOf((await rowsOf(bed, 'deals')).get(id)!)
const there = async ({ external_id: id }: HeldRow) =>
  (await bed.records('deals', '&associations=contacts'))
    .find((record) => record.id === id)!
    .associations!.contacts!.map((link) => link.id)
    .sort()
const both = async (deal: HeldRow) => [await here(deal), await there(deal)]
const link = (deal: HeldRow, ids: readonly string[], more: Record<string, string> = {}) =>
  bed.change('deals', { updates: [{ localId: deal.id, values: { '@contacts': [...ids].sort(), ...more } }] })
/** Merges two people there, and lets the hub learn of whom they have become. */
const merge = async (one: HeldRow, other: HeldRow): Promise<string> => {
  await bed.sim('records/contacts', { id: one.external_id, merge: other.external_id })
  const survivor = (await bed.records('contacts')).at(-1)!.id
  await bed.note('contacts', [survivor], { hasLinks: true })
  await until(async () => (await bed.waiting()).length === 0)
  return survivor
}

it('links and unlinks, of people that are merged there meanwhile, whom they have become', async () => {
  const [linked, unlinked] = [deals[0]!, deals[1]!]
  const [one, two, three, four] = people
  await bed.sim('records/deals', {
    ...{ id: unlinked.external_id, associate: { to: 'contacts', id: three!.external_id } },
  })
  await bed.note('deals', [unlinked.external_id], { hasLinks: true })
  await until(async () => (await here(unlinked)).length === 1)
  await link(linked, [one!.external_id])
  await link(unlinked, [])
  const first = await merge(one!, two!)
  expect(await here(linked)).toEqual([first])
  const second = await merge(three!, four!)
  expect(await there(unlinked)).toEqual([second])
  await using _ = writer(bed)
  await quiet(bed)
  expect(await both(linked)).toEqual([[first], [first]])
  expect(await both(unlinked)).toEqual([[], []])
})

it('gives up a link to somebody whom HubSpot no longer has, and writes the rest of the record', async () => {
  const [deal, other] = [deals[2]!, deals[3]!]
  const [gone, stays, never] = [people[4]!, people[5]!, randomUUID()]
  await bed.sim('records/contacts', { id: gone.external_id, archive: true })
  await link(deal, [gone.external_id, stays.external_id], { dealname: 'Without the one who left' })
  // And somebody who is deleted before HubSpot has heard of them.
  const values = { email: 'never@there.example', firstname: 'Never' }
  await bed.change('contacts', { creates: [{ localId: never, values }] })
  await link(other, [`new:${never}`, stays.external_id])
  await bed.change('contacts', { deletes: [never] })
  await using _ = writer(bed)
  await quiet(bed)
  expect(await both(other)).toEqual([[stays.external_id], [stays.external_id]])
  // That they are gone is learnt later.
  expect(await here(deal)).toContain(gone.external_id)
  await bed.note('contacts', [gone.external_id])
  await until(async () => (await here(deal)).length === 1)
  await quiet(bed)
  expect(await both(deal)).toEqual([[stays.external_id], [stays.external_id]])
  const named = (await bed.records('deals')).find(({ id }) => id === deal.external_id)
  expect(named?.properties.dealname).toBe('Without the one who left')
  const letters = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.dead_letters').select('state').execute(),
  )
  expect(letters.map(({ state }) => state)).toEqual(['RESOLVED'])
  await bed.sync('RECONCILE')
  expect(await checkLedger(bed)).toEqual(CLEAN)
})
