import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectionsBed } from '#test/connections/bed.ts'

let bed: Awaited<ReturnType<typeof connectionsBed>>
beforeAll(async () => {
  bed = await connectionsBed({ worker: false })
})
afterAll(() => bed?.[Symbol.asyncDispose]())

it('plans the first erasure of an organisation twice alike, though its key of hashes is made anew each time', async () => {
  const erase = { subject: { email: 'ann@first.example' }, reason: 'LEGAL_DUTY' }
  const plan = () => bed.rest('POST', '/api/v2/privacy/erase', erase, undefined, { 'x-hub-plan': 'true' })
  const [first, second] = [await plan(), await plan()]
  expect(first.body.plan.rows.map(({ table }: { table: string }) => table)).toContain(
    'customers.suppression_keys',
  )
  expect(second.body.plan.hash).toBe(first.body.plan.hash)
})

it('plans a connection without a cookie or an attempt, and its end without a word to HubSpot; confirmed, both work as ever', async () => {
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
