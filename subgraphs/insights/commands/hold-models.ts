import type { ModelName, Models } from '../domain/models.ts'
import { keepModel, newestModel } from '../store/models.ts'
import type { Transaction } from '../store/transaction.ts'
import { recomputeAll } from './recompute-insights.ts'

/** What was learned, before it has a version. */
export interface NewModel<N extends ModelName = ModelName> {
  name: N
  /** Null when there was not enough to learn from: kept all the same, so that it is not tried again too soon. */
  learned: Omit<Models[N], 'version'> | null
  /** What it was measured by. */
  report: Record<string, number>
  /** Whether it is to hold from now on. */
  isHeld: boolean
}

/**
 * Keeps what was learned, each as the next version of its model. Where one of them holds from now on, all customers are judged anew, once.
 * @param seen the newest version of each model when learning began: of what somebody else has learned meanwhile nothing is kept
 * @returns whether anything was kept
 */
export const holdModels = async (
  tx: Transaction,
  orgId: string,
  models: readonly NewModel[],
  seen: Partial<Record<ModelName, number>>,
  at: Date,
): Promise<boolean> => {
  let [isKept, isNew] = [false, false]
  for (const { name, learned, report, isHeld } of models) {
    const newest = await newestModel(tx, orgId, name)
    if ((newest?.version ?? 0) !== (seen[name] ?? 0)) continue
    const version = (newest?.version ?? 0) + 1
    await keepModel(tx, orgId, {
      ...{ name, version, report, learnedAt: at, isHeld },
      learned: learned && { ...learned, version },
    })
    isKept = true
    isNew ||= isHeld
  }
  if (isNew) await recomputeAll(tx, orgId, 'LEARNED', at)
  return isKept
}
