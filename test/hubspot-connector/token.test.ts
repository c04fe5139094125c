import { expect, it } from 'vitest'
import { CredentialRejected, ScopeMissing, vendorAnswer } from '#connectors/contract.ts'
import { crmRecord, gather, numbers, scriptedPortal } from './scripted-portal.ts'
import { steppedClock } from './stepped-clock.ts'

const expired = {
  status: 401,
  body: {
    status: 'error',
    category: 'EXPIRED_AUTHENTICATION',
    message: 'The OAuth token used to make this call expired 75 second(s) ago.',
  },
}
const caught = (thrown: unknown) => thrown

it('fault 32: a token that expires mid-page under 200 callers is renewed once, and no caller notices', async () => {
  let token = 'first'
  let valid = 'first'
  const renewals: string[] = []
  const clock = steppedClock()
  await using portal = await scriptedPortal((heard) => {
    if (heard.token !== valid) return expired
    const after = Number(heard.query.get('after') ?? 0)
    // The token dies between the first page and the second.
    if (after === 0 && valid === 'first') valid = 'second'
    const results = [crmRecord(after + 1)]
    return { body: after < 2 ? { results, paging: { next: { after: String(after + 1) } } } : { results } }
  }, clock)
  const client = portal.open({
    token: async () => token,
    expired: async (old) => {
      renewals.push(old)
      await clock.pause(30)
      token = 'second'
    },
  })
  const all = await Promise.all(numbers(200).map(() => gather(client.list('contacts'))))
  expect(all.every((records) => records.map((record) => record.id).join() === '1,2,3')).toBe(true)
  expect(renewals).toEqual(['first'])
})

it('asks for a new token once and not again when the new one is expired too', async () => {
  let renewals = 0
  await using portal = await scriptedPortal(() => expired)
  const client = portal.open({
    token: async () => `token-${renewals}`,
    expired: async () => {
      renewals += 1
    },
  })
  await expect(client.account()).rejects.toMatchObject({ code: CredentialRejected.code, retry: 'never' })
  expect(renewals).toBe(1)
  expect(portal.heard).toHaveLength(2)
})

it('fault 35: a revoked token is a typed error after one call', async () => {
  await using portal = await scriptedPortal(() => ({
    status: 401,
    body: {
      status: 'error',
      category: 'INVALID_AUTHENTICATION',
      message: 'Authentication credentials not found.',
    },
  }))
  const error = await portal
    .open({ expired: async () => undefined })
    .account()
    .catch(caught)
  expect(CredentialRejected.is(error) && error.message).toContain('INVALID_AUTHENTICATION')
  expect(portal.heard).toHaveLength(1)
})

it('fault 36: a missing scope is named, and other calls go on', async () => {
  const scope = 'crm.objects.deals.read'
  await using portal = await scriptedPortal(({ path }) =>
    path.includes('/deals')
      ? {
          status: 403,
          body: {
            status: 'error',
            category: 'MISSING_SCOPES',
            message: 'This app hasn’t been granted all required scopes to make this call.',
            correlationId: 'c-1',
            errors: [{ message: 'scopes', context: { requiredGranularScopes: [scope] } }],
          },
        }
      : { body: { results: [crmRecord(1)] } },
  )
  const client = portal.open()
  const error = await gather(client.list('deals')).catch(caught)
  expect(ScopeMissing.is(error) && error.message).toContain(scope)
  expect(vendorAnswer(error)).toMatchObject({
    scopes: [scope],
    category: 'MISSING_SCOPES',
    correlationId: 'c-1',
  })
  expect(await gather(client.list('contacts'))).toHaveLength(1)
})

it('sends the token, its own name and nothing else about itself', async () => {
  const headers: Record<string, unknown>[] = []
  await using portal = await scriptedPortal((_, response) => {
    headers.push(response.req.headers)
    return { body: { portalId: 1 } }
  })
  await portal.open({ baseUrl: `${portal.url}/` }).account()
  expect(headers[0]).toMatchObject({ authorization: 'Bearer token', accept: 'application/json' })
  expect(headers[0]!['user-agent']).toMatch(/^tributary\//)
})
