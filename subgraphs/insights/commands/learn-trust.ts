import type { Clock } from '#kernel/clock.ts'
import { isTrustMoved, learnTrust } from '../domain/trust.ts'
import { judgedByDetector } from '../store/insight-pages.ts'
import { heldModels, newestModel } from '../store/models.ts'
import type { Transaction } from '../store/transaction.ts'
import { holdModels } from './hold-models.ts'

/**
 * Learns from what people decided how often each detector was right, and has everybody judged anew where that makes insights more or less
 * sure.
 * @returns the version that holds from now on; null when nothing has moved
 */
export const learnWhatWasRight = async (
  tx: Transaction,
  { orgId, clock }: { orgId: string; clock: Clock },
): Promise<number | null> => {
  const decided = await judgedByDetector(tx, orgId)
  const learned = learnTrust(decided)
  if (!isTrustMoved((await heldModels(tx, orgId)).trust, learned)) return null
  const version = (await newestModel(tx, orgId, 'trust'))?.version ?? 0
  const count = (of: 'judged' | 'right') => decided.reduce((total, one) => total + one[of], 0)
  const report = { judged: count('judged'), right: count('right') }
  const model = { name: 'trust', learned, report, isHeld: true } as const
  await holdModels(tx, orgId, [model], { trust: version }, clock.now())
  return version + 1
}
