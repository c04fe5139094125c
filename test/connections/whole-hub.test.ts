import { expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'
import { startWholeHub } from '#test/kit/whole-hub.ts'

it('shows over REST how its connection stands, and forgets it everywhere once it is ended', async () => {
  await using hub = await startWholeHub({ companies: 6 })
  await hub.synced()
  const call = async (method: string, path: string) => {
    const answer = await fetch(`${hub.url}/api/integrations/hubspot${path}`, {
      method,
      headers: { authorization: `Bearer ${await hub.token()}` },
    })
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
    return { status: answer.status, body: (await answer.json()) as any }
  }
  const { status, body } = await call('GET', '/status')
  expect(status).toBe(200)
  expect(body.nodes).toEqual([
    expect.objectContaining({
      name: 'HubSpot',
      status: 'ACTIVE',
      mode: 'TOKEN',
      lastError: null,
      pauses: [],
      settings: expect.objectContaining({
        direction: 'BIDIRECTIONAL',
        frequency: 'REALTIME',
        autoEnrich: false,
      }),
      counts: expect.arrayContaining([{ type: 'companies', count: 6 }]),
    }),
  ])
  const [{ id, syncCount, syncRuns }] = body.nodes
  expect(syncCount).toBe(1)
  expect(syncRuns.nodes[0]).toMatchObject({ mode: 'FULL', state: 'COMPLETED' })
  expect((await call('DELETE', '/disconnect')).body).toMatchObject({ integrationId: id })
  expect((await call('GET', '/status')).body.nodes).toEqual([])
  const systems = async () =>
    (await hub.ask('{ integrations { system } }')).data.integrations.map(
      (one: { system: string }) => one.system,
    )
  await until(async () => !(await systems()).includes('HUBSPOT'))
  expect(await systems()).toEqual(['C3'])
})
