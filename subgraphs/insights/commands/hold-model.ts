import type { ModelName } from '../domain/models.ts'
import { keepModel, newestModel } from '../store/models.ts'
import type { Transaction } from '../store/transaction.ts'
import { recomputeAll } from './recompute-insights.ts'

/**
 * Keeps what was learned as the next version, and has all customers judged anew when it is to hold.
 * @returns its version
 */
export const holdModel = async (
  tx: Transaction,
  orgId: string,
  model: { name: ModelName; learned: object; report: Record<string, number>; at: Date; isHeld: boolean },
): Promise<number> => {
  const { at, ...kept } = model
  const version = ((await newestModel(tx, orgId, model.name))?.version ?? 0) + 1
  await keepModel(tx, orgId, { ...kept, version, learnedAt: at })
  if (model.isHeld) await recomputeAll(tx, orgId, 'LEARNED', at)
  return version
}
