import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { mayReopen } from '../domain/matching/deciding.ts'
import { lockIdentities } from '../store/identities.ts'
import { decideCandidates } from '../store/identity-candidates.ts'
import { heldCandidate } from './reject-candidate.ts'

/** Takes back that somebody rejected a candidate: the matcher judges it anew. */
export const reopenCandidate = (
  ctx: Context,
  { id }: { id: string },
): Promise<Refusal | { candidateId: string; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    await lockIdentities(tx, orgId)
    const candidate = await heldCandidate(tx, orgId, id)
    if (!candidate) return missing('The candidate')
    const refused = mayReopen(candidate)
    if (refused) return invalid('id', refused.message, refused.code)
    const at = clock.now()
    const decision = { state: 'OPEN' as const, decidedBy: '', reason: null }
    await decideCandidates(tx, orgId, [candidate.id], decision, at)
    await audit(tx, {
      ...{ orgId, principal, at, action: 'reopenIdentityCandidate' },
      subject: { type: 'IdentityCandidate', id: candidate.id },
      before: { state: candidate.state, reason: candidate.reason },
      after: { state: 'OPEN' },
    })
    return { candidateId: candidate.id, receipt: await receiptOf(tx) }
  })
