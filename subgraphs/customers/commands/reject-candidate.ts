import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { mayReject } from '../domain/matching/deciding.ts'
import type { Candidate } from '../domain/matching/judgement.ts'
import { lockIdentities } from '../store/identities.ts'
import { candidatesById, decideCandidates } from '../store/identity-candidates.ts'
import type { Transaction } from '../store/transaction.ts'

const LONGEST_REASON = 500

/** A candidate by its id, as it stands; undefined when there is none. One statement. */
export const heldCandidate = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<Candidate | undefined> => (isId(id) ? (await candidatesById(tx, orgId, [id])).get(id) : undefined)

/** Says that two accounts are not one customer. What it was said on is remembered: that holds while both say the same. */
export const rejectCandidate = (
  ctx: Context,
  ask: { id: string; reason: string },
): Promise<Refusal | { candidateId: string; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const reason = ask.reason.trim()
    if (reason === '' || reason.length > LONGEST_REASON)
      return invalid('reason', `Say why in 1 to ${LONGEST_REASON} letters.`)
    await lockIdentities(tx, orgId)
    const candidate = await heldCandidate(tx, orgId, ask.id)
    if (!candidate) return missing('The candidate')
    const refused = mayReject(candidate)
    if (refused) return invalid('id', refused.message, refused.code)
    const at = clock.now()
    const decidedBy = `${principal.kind} ${principal.id}`
    await decideCandidates(tx, orgId, [candidate.id], { state: 'REJECTED', decidedBy, reason }, at)
    await audit(tx, {
      ...{ orgId, principal, at, action: 'rejectIdentityCandidate' },
      subject: { type: 'IdentityCandidate', id: candidate.id },
      before: { state: candidate.state },
      after: { state: 'REJECTED', reason },
    })
    return { candidateId: candidate.id, receipt: await receiptOf(tx) }
  })
