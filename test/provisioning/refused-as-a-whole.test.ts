import { expect, it } from 'vitest'
import { planProvisioning, settle, wantedOf } from '#subgraphs/customers/domain/provisioning.ts'
import { openProvisioner } from '#subgraphs/customers/sync/provisioner.ts'
import { scriptedPortal } from '../hubspot-connector/scripted-portal.ts'

/** A portal that refuses a whole batch for one property that it has, as HubSpot does for rows it cannot tell apart. */
it('makes what is lacking when a batch is refused as a whole for what somebody made meanwhile, and asks no third time', async () => {
  const there = new Map<string, object>()
  let isMeanwhile = false
  await using portal = await scriptedPortal(({ method, path, body }) => {
    if (method === 'GET' && path.endsWith('/groups'))
      return { body: { results: [{ name: 'tributary' }, { name: 'warp' }] } }
    if (method === 'GET' && path.endsWith('/schemas')) return { body: { results: [] } }
    if (method === 'GET') return { body: { results: [...there.values()] } }
    const inputs = (body.inputs ?? []) as { name: string }[]
    if (!isMeanwhile) there.set('warp_role', inputs.find(({ name }) => name === 'warp_role')!)
    isMeanwhile = true
    if (inputs.some(({ name }) => there.has(name)))
      return { status: 409, body: { category: 'OBJECT_ALREADY_EXISTS', message: 'warp_role already exists' } }
    for (const each of inputs) there.set(each.name, each)
    return { status: 201, body: { results: inputs } }
  })
  const provisioner = openProvisioner(portal.open())
  const granted_scopes = ['crm.schemas.contacts.write']
  const all = wantedOf({ granted_scopes, lacking_scopes: [], sends_addresses: false })
  const contacts = { ...all, properties: new Map([['contacts' as const, all.properties.get('contacts')!]]) }
  const { wanted, survey } = await provisioner.survey(contacts)
  const plan = planProvisioning(wanted, survey)
  const { outcomes } = await provisioner.furnish({ plan, survey, own: wanted.objects })
  const made = settle(plan.items, outcomes).filter(
    ({ kind, state }) => kind === 'PROPERTY' && state === 'MADE',
  )
  expect(made.map(({ name }) => name)).toHaveLength(6)
  expect(outcomes.get('PROPERTY contacts warp_role')?.state).toBe('THERE')
  expect(portal.heard.filter(({ method }) => method === 'POST')).toHaveLength(2)
})
