import { expect, it } from 'vitest'
import { event } from '#schema/events.ts'
import { until } from '#test/kit/until.ts'
import { ask, seal, subscribe } from '#test/service/graph.ts'
import { admin, EMPTY, run, startSibling, startTestHub } from './hub.ts'

const AT = '2026-03-01T08:00:00.000Z'

it('lists the runs of C3 beside those of HubSpot, and tells of its conflicts as they open and end', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  const query =
    'subscription { conflictEvents(integrationId: "c3-1") { id system version isOpen outcome policy } }'
  await using heard = subscribe(hub.url, await seal.sign(admin()), query)
  await using others = subscribe(hub.url, await seal.sign(admin(EMPTY)), query)
  const conflict = {
    ...{ conflictId: 'k1', integrationId: 'c3-1', system: 'C3' as const, type: 'rfqs', recordId: 'r1' },
    ...{ field: 'price.1', policy: 'MANUAL', openedAt: AT },
  }
  let version = 0
  // graphql-ws does not say when a subscription has begun: tell until it is heard.
  await until(
    async () => {
      await sibling.tell([event('inventory.conflict.opened', 'k1', { ...conflict, version: ++version })])
      return heard.results.length > 0
    },
    { everyMs: 200 },
  )
  const c3 = run('of-c3', { system: 'C3', integrationId: 'c3-1', requestedAt: AT })
  await sibling.tell([
    event('inventory.conflict.resolved', 'k1', {
      ...{ ...conflict, version: version + 1, outcome: 'C3' as const, resolvedAt: AT },
    }),
    event('inventory.sync.progressed', c3.id, c3),
    event('customers.sync.progressed', 'of-hubspot', run('of-hubspot', { requestedAt: AT })),
  ])
  const last = await until(() =>
    heard.results.find(({ data }) => JSON.stringify(data).includes('"isOpen":false')),
  )
  expect(last.data).toEqual({
    conflictEvents: {
      ...{ id: 'k1', system: 'C3', version: version + 1, isOpen: false, outcome: 'C3', policy: 'MANUAL' },
    },
  })
  const runs = await until(async () => {
    const { data } = await ask(hub.url, admin(), '{ syncRuns(first: 9) { nodes { id system } } }')
    const { nodes } = (data as unknown as { syncRuns: { nodes: object[] } }).syncRuns
    return nodes.length === 2 && nodes
  })
  expect(runs).toEqual(
    expect.arrayContaining([
      { id: 'of-c3', system: 'C3' },
      { id: 'of-hubspot', system: 'HUBSPOT' },
    ]),
  )
  expect(others.results).toEqual([])
})

it('tells of what needs attention in a connection to any system, each once, and of which system it is', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  const query = `subscription ($id: ID) { alertRaised(integrationId: $id) { id system integrationId subject objectType code reason guidance count raisedAt } }`
  await using all = subscribe(hub.url, await seal.sign(admin()), query)
  await using one = subscribe(
    hub.url,
    await seal.sign(admin()),
    query.replace('$id)', '"c3-1")').replace('($id: ID)', ''),
  )
  await using others = subscribe(hub.url, await seal.sign(admin(EMPTY)), query)
  const alert = (alertId: string, integrationId: string) => ({
    ...{ alertId, integrationId, subject: 'RECORD' as const, type: 'rfqs', code: 'HUB_RECORD_TOO_LONG' },
    ...{ reason: 'A value is too long.', guidance: 'Shorten it.', count: 2, raisedAt: AT },
  })
  // graphql-ws does not say when a subscription has begun: tell until both are heard.
  let count = 0
  await until(
    async () => {
      count += 1
      await sibling.tell([event('inventory.alert.raised', 'c3-1', alert(`early-${count}`, 'c3-1'))])
      return all.results.length > 0 && one.results.length > 0
    },
    { everyMs: 200 },
  )
  await sibling.tell([
    event('customers.alert.raised', 'portal-1', alert('of-hubspot', 'portal-1')),
    event('inventory.alert.raised', 'c3-1', alert('of-c3', 'c3-1')),
  ])
  const heard = (by: typeof all) =>
    by.results.map(({ data }) => data?.alertRaised as unknown as { id: string })
  const late = (by: typeof all) => heard(by).filter(({ id }) => !id.startsWith('early'))
  await until(() => late(all).length >= 2 && late(one).length > 0)
  const shown = (id: string, integrationId: string, system: string) => {
    const { alertId: _, type: objectType, ...told } = alert(id, integrationId)
    return { ...told, id, system, objectType }
  }
  const ofC3 = shown('of-c3', 'c3-1', 'C3')
  // Each system's alerts come in its own time.
  const byId = late(all).toSorted((a, b) => a.id.localeCompare(b.id))
  expect(byId).toEqual([ofC3, shown('of-hubspot', 'portal-1', 'HUBSPOT')])
  expect(late(one)).toEqual([ofC3])
  expect(others.results).toEqual([])
})
