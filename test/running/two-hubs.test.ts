import { describe, expect, it } from 'vitest'
import { canEnter } from '#db/system-user.ts'
import { REPOSITORY, startHub } from '#test/kit/hub.ts'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
const mayLook = !isRoot || (await canEnter({ uid: NOBODY, gid: NOBODY }, REPOSITORY))

/** Of the customers that HubSpot knows: those are complete with the first sync, whatever else becomes known of later. */
const namesOf = async (hub: {
  ask: (document: string) => Promise<{ data: { customers: { nodes: unknown[] } } }>
}) =>
  (await hub.ask('{ customers(first: 200, filter: { system: HUBSPOT }) { nodes { name } } }')).data.customers
    .nodes

describe('two hubs with homes and ports of their own', () => {
  // Root cannot hand a checkout that is closed to others to an ordinary user.
  it.skipIf(!mayLook)(
    'run side by side, one of them as an ordinary user, and know nothing of each other',
    async () => {
      const user = isRoot ? { uid: NOBODY } : {}
      const starting = [startHub({ companies: 20, ...user }), startHub({ companies: 30 })] as const
      await using stack = new AsyncDisposableStack()
      for (const hub of await Promise.allSettled(starting))
        if (hub.status === 'fulfilled') stack.use(hub.value)
      const [small, large] = await Promise.all(starting)
      await Promise.all([small.synced(), large.synced()])
      const counts = await Promise.all(
        [small, large].map((hub) => hub.sim<{ total: number }>('hubspot', 'records/companies')),
      )
      expect(counts.map(({ total }) => total)).toEqual([20, 30])
      const [few, many] = [await namesOf(small), await namesOf(large)]
      expect(few.length).toBeGreaterThanOrEqual(20)
      expect(many.length).toBeGreaterThan(few.length)
      // What opens one does not open the other: each has an issuer of its own.
      const stranger = await fetch(`${large.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await small.token()}` },
        body: JSON.stringify({ query: '{ viewer { name } }' }),
      })
      expect(stranger.status).toBe(401)
      expect(await small.stop('SIGINT', { group: true })).toBe(0)
      expect(await small.left()).toEqual([])
      expect((await namesOf(large)).length).toBe(many.length)
    },
  )
})
