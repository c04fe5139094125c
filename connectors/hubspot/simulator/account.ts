import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { OwnerPage } from '../setup-wire.ts'
import { numberOf } from './asking.ts'
import { notFound } from './errors.ts'
import { accountDetails, OWNERS } from './facts.ts'
import type { Portal } from './portal.ts'

/** `GET /crm/v3/owners/` */
export const owners = (request: SimRequest): SimReply => {
  const limit = numberOf(request, 'limit', 100, 500)
  const after = Number(request.query.get('after') ?? '0')
  const archived = request.query.get('archived') === 'true'
  const email = request.query.get('email')
  const all = OWNERS.filter(
    (owner) => owner.archived === archived && (email === null || email === '' || owner.email === email),
  )
  const end = after + limit
  const body: OwnerPage = { results: all.slice(after, end) }
  if (end < all.length)
    body.paging = {
      next: { after: String(end), link: `https://api.hubapi.com/crm/v3/owners/?after=${end}` },
    }
  return { status: 200, body }
}

/** `GET /crm/v3/owners/{id}` */
export const owner = (request: SimRequest, id: string): SimReply => {
  const by = request.query.get('idProperty') === 'userId' ? 'userIdIncludingInactive' : 'id'
  const found = OWNERS.find((candidate) => String(candidate[by]) === id)
  return { status: 200, body: found ?? notFound('resource not found', { id: [id] }) }
}

/** `GET /account-info/v3/details` */
export const account = (portal: Portal): SimReply => ({
  status: 200,
  body: accountDetails(Number(portal.id)),
})

/** `GET /account-info/v3/api-usage/daily/private-apps`: what all private apps of the account have used since midnight. */
export const dailyUsage = (portal: Portal): SimReply => {
  const [now, { calls }] = [portal.now(), portal]
  const midnight = (Math.floor(now / 86_400_000) + 1) * 86_400_000
  return {
    status: 200,
    body: {
      results: [
        {
          name: 'private-apps-api-calls-daily',
          usageLimit: 250_000,
          currentUsage: calls.count,
          collectedAt: new Date(now).toISOString(),
          fetchStatus: 'SUCCESS',
          resetsAt: new Date(midnight).toISOString(),
        },
      ],
    },
  }
}
