import { expect, it } from 'vitest'
import { openWire } from '#connectors/hubspot/http.ts'
import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import { memoryLimiter } from '#connectors/limiter.ts'
import { session } from '#db/session.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { ensureIntegration } from '#subgraphs/customers/commands/ensure-integration.ts'
import { startRun } from '#sync/queue.ts'
import { customersBed, importedBed, ORG, OTHER_ORG, TEST_KEY, worker } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { searchDatabase } from '#test/kit/searching.ts'
import { until } from '#test/kit/until.ts'
import { SECRETS } from './canaries.ts'

it('keeps no credential in the open, in no column', async () => {
  await using bed = await customersBed({ companies: 1 })
  expect(await searchDatabase(bed.test.adminUrl, [DEMO_TOKEN])).toEqual([])
})

it('opens no sealed text that was altered, cut, or put elsewhere, nor without the key', () => {
  const vault = openVault([TEST_KEY])
  const sealed = vault.seal('secret', `${ORG}:row`)
  expect(vault.open(sealed, `${ORG}:row`)).toBe('secret')
  const [version, id, key, box] = sealed.split('.') as [string, string, string, string]
  const altered = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`)
  for (const wrong of [
    [version, id, altered(key), box],
    [version, id, key, altered(box)],
    [version, id, key, box.slice(0, -8)],
    ['v2', id, key, box],
    [version, '00000000', key, box],
  ])
    expect(() => vault.open(wrong.join('.'), `${ORG}:row`)).toThrow()
  for (const place of [`${OTHER_ORG}:row`, `${ORG}:other`, ''])
    expect(() => vault.open(sealed, place)).toThrow()
  expect(() => openVault(['b'.repeat(64)]).open(sealed, `${ORG}:row`)).toThrow(/key this hub does not have/)
})

it('calls no portal with a token that was put into another organisation’s row', async () => {
  await using bed = await importedBed({ companies: 1 })
  const { database, vault, clock } = bed
  const stranger = await ensureIntegration(
    { database, vault, clock },
    { orgId: OTHER_ORG, name: 'HubSpot', baseUrl: bed.portal.url, token: 'a token of their own' },
  )
  await session(bed.test.adminUrl, (client) =>
    client.query(
      `update customers.credentials set access_sealed =
        (select access_sealed from customers.credentials where integration_id = $1) where integration_id = $2`,
      [bed.integrationId, stranger],
    ),
  )
  await bed.sim('journal', undefined, 'DELETE')
  await using _ = worker(bed)
  const { run } = await database.transaction(OTHER_ORG, (tx) =>
    startRun(tx, { orgId: OTHER_ORG, connectionId: stranger, mode: 'FULL', clock }),
  )
  const stateOf = async () =>
    (
      await database.read(OTHER_ORG, (tx) =>
        tx.selectFrom('sync.runs').select(['state', 'error', 'attempts']).where('id', '=', run.id).execute(),
      )
    )[0]
  // Once it was tried and given up, or given back to be tried again.
  const tried = await until(async () => {
    const state = await stateOf()
    return state && state.attempts > 0 && state.state !== 'RUNNING' ? state : undefined
  })
  expect(tried.state).not.toBe('COMPLETED')
  expect((await bed.journal()).entries).toEqual([])
  // The organisation whose token it is goes on.
  expect(await bed.sync('FULL')).toMatchObject({ state: 'COMPLETED' })
})

it('sends HubSpot no card, key or token, whatever text they were written into', async () => {
  await using bed = await customersBed({ companies: 1 })
  const [contact] = await bed.records('contacts')
  const wire = openWire({
    baseUrl: bed.portal.url,
    token: async () => DEMO_TOKEN,
    limiter: memoryLimiter({ clock: systemClock }),
    clock: systemClock,
    log: silentLog,
    random: Math.random,
  })
  const jobtitle = `Pays by ${SECRETS.card}, ${SECRETS.warpKey}, ${SECRETS.signedToken}`
  await wire.send({
    counts: 'read',
    method: 'PATCH',
    target: `/crm/v3/objects/contacts/${contact!.id}`,
    body: { properties: { jobtitle, city: 'Sent 4242' } },
    write: true,
    check: () => undefined,
  })
  const [after] = (await bed.records('contacts')).filter(({ id }) => id === contact!.id)
  expect(after?.properties).toMatchObject({
    jobtitle: 'Pays by [card number], [key], [key]',
    city: 'Sent 4242',
  })
})
