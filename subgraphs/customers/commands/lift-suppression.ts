import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { type Subject, suppressionHash } from '../domain/person.ts'
import { identifiersOfSubject } from '../store/identifiers.ts'
import { liftSuppressions, lockErasure, suppressionKey } from '../store/suppressions.ts'

export type LiftReason = 'ASKED_BY_PERSON' | 'NEW_RELATIONSHIP' | 'ERASED_BY_MISTAKE'

/** Lets an erased person come back: everything goes that was suppressed with what is named. Null when nothing was. */
export const liftSuppression = (
  ctx: Context,
  ask: { subject: Subject; reason: LiftReason; reference: string | null },
): Promise<{ lifted: number; receipt: Receipt } | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock, vault } = ctx
    const at = clock.now()
    await lockErasure(tx, orgId)
    const key = await suppressionKey(tx, orgId, vault, at)
    const identifiers = await identifiersOfSubject(tx, orgId, ask.subject)
    const hashes = identifiers.map((identifier) => suppressionHash(key, identifier))
    const { lifted, erasureIds } = await liftSuppressions(tx, orgId, hashes)
    const [first] = erasureIds
    if (first === undefined) return null
    await audit(tx, {
      orgId,
      principal,
      action: 'liftSuppression',
      subject: { type: 'Erasure', id: first },
      after: { reason: ask.reason, reference: ask.reference, erasures: erasureIds, hashes: lifted },
      at,
    })
    return { lifted, receipt: await receiptOf(tx) }
  })
