import { expect, it } from 'vitest'
import { idFrom } from '#kernel/ids.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { mayPush } from '#subgraphs/customers/sync/target.ts'
import { placeholderOf } from '#sync/links.ts'
import type { LocalChanges } from '#sync/local-change.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { connectionsBed, FIRST_PORTAL } from '../connections/bed.ts'
import { ownKinds, provisioningOf } from '../provisioning/provisioning-bed.ts'

interface Dump {
  id: string
  archived: boolean
  properties: Record<string, string | null>
  associations: Record<string, { id: string }[]>
}
const COUNT = 150
const [TRUNK, NUMBER] = [idFrom('trunk'), idFrom('number')]

it('writes trunks and numbers as records of their own once the portal has room for them, linked to their company and each other, with a street only where the organisation lets it go', async () => {
  await using bed = await connectionsBed({ companies: 3 })
  const id = await bed.connect(FIRST_PORTAL)
  await bed.settled()
  await bed.approve(id)
  const change = (type: 'trunks' | 'numbers', changes: LocalChanges) =>
    bed.database.transaction(ORG, (tx) =>
      changeRecords(tx, { orgId: ORG, integrationId: id, type }, changes, bed.clock.now()),
    )
  const outgoing = async () =>
    (await bed.database.read(ORG, (tx) => tx.selectFrom('sync.outgoing').select('type').execute())).length
  const written = () => until(async () => (await outgoing()) === 0)
  const [company] = (await bed.sim<{ results: Dump[] }>('records/companies?limit=1')).results

  // While the portal has no such kinds, nothing is tried, and what is to be written waits.
  const may = (type: string) => bed.database.read(ORG, (tx) => mayPush(tx, ORG, id, type))
  expect([await may('trunks'), await may('numbers'), await may('companies')]).toEqual([false, false, true])
  expect((await provisioningOf(bed, id).provision()).problems).toEqual([])
  await bed.settled()
  expect(await may('trunks')).toBe(true)
  await bed.forgetJournal()

  const more = Array.from({ length: COUNT }, (_, n) => ({
    localId: idFrom('trunk', String(n)),
    values: { name: `Trunk ${n}`, trunk_id: `t-${n}`, status: 'active', concurrent_calls: 30 + n },
  }))
  const values = { name: 'Production', trunk_id: 'trunk_456', status: 'active', '@companies': [company!.id] }
  await change('trunks', { creates: [{ localId: TRUNK, values }, ...more] })
  // The portal has yet to give the trunk an id: what is linked to it waits for that.
  const number = {
    ...{ number: '+13035551000', type: 'local', capabilities: 'voice;sms', e911_status: 'registered' },
    ...{ e911_address: '123 Main St', '@companies': [company!.id], '@trunks': [placeholderOf(TRUNK)] },
  }
  await change('numbers', { creates: [{ localId: NUMBER, values: number }] })
  await written()

  const results = await ownKinds(bed)
  const typeOf = (name: string) => results.find((each) => each.name === name)!.objectTypeId
  const [trunks, numbers] = [typeOf('trunk'), typeOf('number')]
  const there = async (type: string, to: string) =>
    (await bed.sim<{ results: Dump[] }>(`records/${type}?associations=${to}`)).results.filter(
      (each) => !each.archived,
    )
  const made = await there(trunks, 'companies')
  expect(made).toHaveLength(COUNT + 1)
  const trunk = made.find(({ properties }) => properties.hub_external_key === TRUNK)!
  expect(trunk.properties).toMatchObject({ name: 'Production', trunk_id: 'trunk_456', status: 'active' })
  expect(trunk.associations.companies).toMatchObject([{ id: company!.id }])
  const [called] = await there(numbers, trunks)
  expect(called?.properties).toMatchObject({
    number: '+13035551000',
    hub_external_key: NUMBER,
    capabilities: 'voice;sms',
  })
  expect(called?.associations[trunks]).toMatchObject([{ id: trunk.id }])
  // The street is not let go: the portal does not even have a place for it.
  expect(JSON.stringify((await bed.journal()).entries)).not.toContain('Main St')
  expect(called?.properties).not.toHaveProperty('e911_address')
  const upserts = (await bed.journal()).entries.filter(({ path }) => path.endsWith(`${trunks}/batch/upsert`))
  expect(upserts).toHaveLength(Math.ceil((COUNT + 1) / 100))

  await bed.forgetJournal()
  await change('trunks', {
    updates: [{ localId: TRUNK, values: { status: 'suspended' } }],
    deletes: [more[0]!.localId],
  })
  await change('numbers', { updates: [{ localId: NUMBER, values: { cnam: 'ACME' } }] })
  await written()
  const after = await there(trunks, 'companies')
  expect(after).toHaveLength(COUNT)
  expect(after.find(({ id: each }) => each === trunk.id)?.properties.status).toBe('suspended')
  const sent = (await bed.journal()).entries.filter(({ method }) => method === 'POST').map(({ path }) => path)
  expect(sent.filter((path) => path.includes('/objects/2-')).sort()).toEqual(
    [
      `/crm/v3/objects/${numbers}/batch/update`,
      `/crm/v3/objects/${trunks}/batch/archive`,
      `/crm/v3/objects/${trunks}/batch/update`,
    ].sort(),
  )

  // The organisation lets streets go, and thinks better of it.
  const settle = async (sendsAddresses: boolean, expectedVersion: number) => {
    await bed.rest('PATCH', `/api/v2/integrations/hubspot/${id}/settings`, {
      ...{ input: { sendsAddresses }, expectedVersion },
    })
    await provisioningOf(bed, id).provision()
  }
  const address = async () => (await there(numbers, trunks))[0]?.properties.e911_address
  const say = async (values: Record<string, string | null>) => {
    await change('numbers', { updates: [{ localId: NUMBER, values }] })
    await written()
  }
  await settle(true, 1)
  await say({ cnam: 'ACME 2' })
  expect(await address()).toBe('123 Main St')
  await settle(false, 2)
  await say({ cnam: 'ACME 3', e911_address: '9 Elm St' })
  expect([(await there(numbers, trunks))[0]?.properties.cnam, await address()]).toEqual([
    'ACME 3',
    '123 Main St',
  ])
  await say({ e911_address: null })
  expect(await address()).toBeFalsy()
})
