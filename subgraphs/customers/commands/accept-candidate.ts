import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { leadingFirst, mayAccept, sharesSource } from '../domain/matching/deciding.ts'
import { type IdentityRow, identitiesOf, lockIdentities } from '../store/identities.ts'
import { decideCandidates } from '../store/identity-candidates.ts'
import { accountsByKey } from '../store/identity-links.ts'
import { linkAccount } from './link-identity.ts'
import { heldCandidate } from './reject-candidate.ts'

/**
 * Says that two accounts are one customer: the one goes to the customer that the other is with, HubSpot's account first, as if somebody had
 * linked it by hand. Where both are one customer already, that somebody says so is noted.
 */
export const acceptCandidate = (
  ctx: Context,
  { id }: { id: string },
): Promise<Refusal | { candidateId: string; customerId: string; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    await lockIdentities(tx, orgId)
    const candidate = await heldCandidate(tx, orgId, id)
    if (!candidate) return missing('The candidate')
    const refused = mayAccept(candidate)
    if (refused) return invalid('id', refused.message, refused.code)
    const accounts = await accountsByKey(tx, orgId, [candidate.a, candidate.b])
    const [one, two] = accounts
    if (!one || !two || one.gone_at || two.gone_at) return missing('One of the accounts')
    const [stays, goes] = leadingFirst(one, two)
    const at = clock.now()
    const isTogether = stays.customer_id === goes.customer_id
    if (!isTogether) {
      const there = (await identitiesOf(tx, orgId, [stays.customer_id])).get(stays.customer_id) ?? []
      if (there.some((other: IdentityRow) => sharesSource(other, goes)))
        return invalid(
          'id',
          'The customer has another account of that system already. Take that one from it first, or reject the candidate.',
          'TWO_OF_ONE_SYSTEM',
        )
      await linkAccount(tx, ctx, { account: goes, customerId: stays.customer_id, at })
    }
    const decision = {
      state: 'LINKED' as const,
      decidedBy: `${principal.kind} ${principal.id}`,
      reason: null,
    }
    await decideCandidates(tx, orgId, [candidate.id], decision, at)
    await audit(tx, {
      ...{ orgId, principal, at, action: 'acceptIdentityCandidate' },
      subject: { type: 'IdentityCandidate', id: candidate.id },
      before: { state: candidate.state, [`${goes.system} ${goes.account_id}`]: goes.customer_id },
      after: { state: 'LINKED', [`${goes.system} ${goes.account_id}`]: stays.customer_id },
    })
    return { candidateId: candidate.id, customerId: stays.customer_id, receipt: await receiptOf(tx) }
  })
