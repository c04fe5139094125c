import { event } from '#schema/events.ts'
import type { Churn } from '../domain/churn.ts'
import { toldOf } from '../domain/findings.ts'
import { dropFindings, findingsOf, saveFindings } from '../store/findings.ts'
import type { Judged, Keeper } from './keeper.ts'

/** Keeps what is found of customers beyond their health, where it has moved. */
export const findingsKeeper: Keeper<'findings'> = {
  recall: findingsOf,
  save: (tx, orgId, judged) =>
    saveFindings(
      tx,
      orgId,
      judged.flatMap((one) =>
        one.found.moved.length > 0
          ? [
              {
                ...{ customerId: one.customerId, values: one.found.values, asOf: one.found.asOf },
                isChurnStep: isChurnStep(one),
              },
            ]
          : [],
      ),
    ),
  forget: async (tx, orgId, customerIds) => {
    await dropFindings(tx, orgId, customerIds)
    return []
  },
  tell: (one) => {
    const { customerId, found, memory } = one
    const fields = toldOf(found.moved, memory?.values ?? {}, found.values, found.asOf)
    return fields ? [event('insights.profile.changed', customerId, { customerId, fields })] : []
  },
}

/** Whether anything of churn but what its factors measured has moved: that moves each week. */
const isChurnStep = ({ found, memory }: Judged<'findings'>): boolean =>
  headOf(memory?.values.churn) !== headOf(found.values.churn)

const headOf = (said: Churn | undefined): string =>
  said ? JSON.stringify([said.percentage, said.leftOn, said.confidence, said.version]) : ''
