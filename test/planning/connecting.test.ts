import { expect, it } from 'vitest'
import { connectionsBed } from '#test/connections/bed.ts'

it('plans a connection without a cookie or an attempt, and its end without a word to HubSpot; confirmed, both work as ever', async () => {
  await using bed = await connectionsBed({ worker: false })
  const plan = (method: string, path: string) =>
    bed.rest(method, `/api/integrations/hubspot/${path}`, undefined, undefined, { 'x-hub-plan': 'true' })
  const confirm = (method: string, path: string, token: string) =>
    bed.rest(method, `/api/integrations/hubspot/${path}`, undefined, undefined, { 'x-hub-confirm': token })
  const attempts = () =>
    bed.database.read('00000000-0000-4000-8000-000000000001', (tx) =>
      tx.selectFrom('customers.connection_attempts').selectAll().execute(),
    )
  const revoked = async () =>
    (await bed.journal()).entries.filter(({ path }) => path.includes('refresh-tokens')).length

  const begun = await plan('POST', 'connect')
  expect([begun.status, begun.headers.getSetCookie(), await attempts()]).toEqual([200, [], []])
  // Half of what it writes is random; the plan is the same.
  expect((await plan('POST', 'connect')).body.plan.hash).toBe(begun.body.plan.hash)
  const real = await confirm('POST', 'connect', begun.body.plan.confirm.token)
  expect([real.status, (await attempts()).length]).toEqual([200, 1])
  const [cookie = ''] = real.headers.getSetCookie()
  const came = await bed.back(await bed.consent(real.body.authorizeUrl), cookie.split(';')[0] ?? '')
  expect(came.status).toBe(200)

  const ended = await plan('DELETE', 'disconnect')
  expect(ended.body.plan.calls).toBe(1)
  expect([(await bed.credentials()).length, await revoked()]).toEqual([1, 0])
  expect((await confirm('DELETE', 'disconnect', ended.body.plan.confirm.token)).status).toBe(200)
  expect([(await bed.credentials()).length, await revoked()]).toEqual([0, 1])
})
