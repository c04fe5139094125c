import { expect, it } from 'vitest'
import { type RunningHub, startHub } from '#test/kit/hub.ts'
import { adminUrl, backUp } from '#test/kit/postgres.ts'
import { runAnew } from '#test/kit/runs.ts'
import { until } from '#test/kit/until.ts'

const COMPANIES = 15

interface There {
  id: string
  archived: boolean
  properties: Record<string, string>
}
const KINDS = ['companies', 'contacts', 'deals', 'tickets', 'tasks', 'notes']

const there = async (hub: RunningHub, kind: string) =>
  (await hub.sim<{ results: There[] }>('hubspot', `records/${kind}?limit=1000`)).results.filter(
    ({ archived }) => !archived,
  )

/** What stands at HubSpot, by kind: what was made twice would be too many. */
const counts = async (hub: RunningHub) =>
  Object.fromEntries(await Promise.all(KINDS.map(async (kind) => [kind, (await there(hub, kind)).length])))

/** Names of companies that the hub has from HubSpot. */
const here = async (hub: RunningHub): Promise<string[]> =>
  (
    await hub.rows<{ name: string }>(
      'customers',
      `select name from customers.companies where gone_at is null order by name`,
    )
  ).map(({ name }) => name)

/** Lets the connection write what waits: as somebody does who has looked at what that is. */
const approve = async (hub: RunningHub): Promise<void> => {
  const { data } = await hub.ask('PlanSync')
  const id = data?.planSync.plan?.id
  if (!id) return
  const plan = await until(async () => {
    const { data: shown } = await hub.ask('SyncPlan', { id })
    return shown?.syncPlan.state !== 'MAKING' && shown?.syncPlan
  })
  if (plan.state !== 'READY') return
  await hub.ask('ApprovePlan', { id, hash: plan.hash })
  await until(async () => {
    const { data: shown } = await hub.ask('SyncPlan', { id })
    return shown?.syncPlan.state !== 'DOING' && shown?.syncPlan.state !== 'READY'
  })
}

/** Whether every sibling has come as far in the log of customers as it goes. */
const heard = async (hub: RunningHub): Promise<boolean> => {
  const [head] = await hub.rows<{ pos: number }>('customers', 'select pos::int from events.head')
  for (const sibling of ['insights', 'hub', 'telephony', 'inventory'] as const) {
    const cursors = await hub.rows<{ pos: number }>(
      sibling,
      `select pos::int from events.cursors where source = 'customers'`,
    )
    if (cursors.some(({ pos }) => pos !== head!.pos)) return false
  }
  return true
}

it('fault 15: a subgraph’s database put back to a backup is repaired, siblings notice, and nothing is doubled at HubSpot', async () => {
  await using hub = await startHub({ databaseUrl: adminUrl(), companies: COMPANIES })
  await hub.synced()
  await until(() => heard(hub))
  // What is made here is written to HubSpot under the hub's own key, for which the portal needs a place.
  const { data: connections } = await hub.ask('{ integrations { id system } }')
  const portal = connections.integrations.find(({ system }: { system: string }) => system === 'HUBSPOT')
  const provisioned = await hub.ask('ProvisionHubSpot', { integrationId: portal.id })
  expect(provisioned.data.provisionHubSpot, JSON.stringify(provisioned)).toMatchObject({ problems: [] })
  await until(() => heard(hub))
  const ofMail = async (name: string) =>
    (await there(hub, 'contacts')).filter(({ properties }) => properties.email === `${name}@restored.example`)
  const make = (name: string) => {
    const input = { email: `${name}@restored.example`, firstName: name, lastName: 'Restored' }
    return until(async () => {
      const { data } = await hub.ask('CreateContact', { input, idempotencyKey: name })
      return data && [data.createContact]
    })
  }
  // What a connection writes first waits until somebody has approved it.
  await make('before')
  await until(async () => {
    await approve(hub)
    return (await ofMail('before')).length === 1
  })
  await using backup = await backUp(`${hub.env.DATABASE_PREFIX}customers`)
  await until(async () => (await fetch(`${hub.url}/readyz`)).ok)

  // What is done after the backup: at HubSpot by people, and here, from where it is written to HubSpot.
  const companies = await there(hub, 'companies')
  const [renamed, archived] = [companies.slice(0, 5), companies[5]!]
  for (const { id } of renamed)
    await hub.sim('hubspot', 'records/companies', { id, properties: { name: `After ${id}` } })
  await hub.sim('hubspot', 'records/companies', { id: archived.id, archive: true })
  const [made] = await make('after')
  expect(made).toMatchObject({ __typename: 'ContactWritten' })
  await until(async () => (await ofMail('after')).length === 1)
  expect(await runAnew(hub)).toMatchObject({ state: 'COMPLETED' })
  await until(async () => (await here(hub)).filter((name) => name.startsWith('After ')).length === 5)
  await until(() => heard(hub))
  const before = await counts(hub)
  const known = await hub.rows<{ seen: number }>(
    'insights',
    `select seen::int from events.cursors where source = 'customers'`,
  )

  await backup.restore()
  await until(
    async () => (await hub.rows<{ pos: number }>('customers', 'select pos from events.head')).length === 1,
  )
  expect((await here(hub)).some((name) => name.startsWith('After '))).toBe(false)
  // Whoever made somebody and had no answer asks again: HubSpot has that person, and the hub no longer knows.
  await make('after')
  expect(await runAnew(hub, { operation: 'ReconcileHubSpot', variables: {} })).toMatchObject({
    state: 'COMPLETED',
  })

  // The hub holds what HubSpot holds, and says what it has put right.
  const names = (await there(hub, 'companies')).map(({ properties }) => properties.name)
  await until(async () => JSON.stringify(await here(hub)) === JSON.stringify(names.sort()))
  const { data } = await hub.ask('DriftReports', { first: 1, repairs: 100 })
  const [report] = data.driftReports.nodes
  const repaired = (kind: string, type: string) =>
    report.repairs.nodes
      .filter((one: { kind: string; type: string }) => one.kind === kind && one.type === type)
      .map(({ recordId }: { recordId: string }) => recordId)
  expect(repaired('DIFFERENT', 'companies')).toEqual(expect.arrayContaining(renamed.map(({ id }) => id)))
  expect(repaired('EXTRA', 'companies')).toContain(archived.id)
  // Siblings were beyond the restored log: they started from its state, and follow what it tells now.
  await until(() => heard(hub))
  await hub.sim('hubspot', 'records/companies', { id: renamed[0]!.id, properties: { name: 'Long after' } })
  expect(await runAnew(hub)).toMatchObject({ state: 'COMPLETED' })
  await until(() => heard(hub))
  expect(known[0]!.seen).toBeGreaterThan(0)
  const signal = await hub.ask('{ customers(first: 100) { nodes { name health { score } } } }')
  expect(signal.errors).toBeUndefined()
  const twins = await hub.rows<{ n: number }>(
    'customers',
    `select count(*)::int as n from customers.contacts where email = 'after@restored.example' and gone_at is null`,
  )
  expect(twins).toEqual([{ n: 1 }])
  // Nothing was written to HubSpot a second time.
  expect(await ofMail('after')).toHaveLength(1)
  expect(await counts(hub)).toEqual(before)
})
