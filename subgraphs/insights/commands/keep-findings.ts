import { event } from '#schema/events.ts'
import type { Churn } from '../domain/churn.ts'
import { type FindingName, movedFindings, toldOf } from '../domain/findings.ts'
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
        movedOf(one).length > 0
          ? [
              {
                ...{ customerId: one.customerId, values: one.found.values, asOf: one.found.asOf },
                isChurnStep: isChurnStep(one),
              },
            ]
          : [],
      ),
    ),
  forget: async (tx, orgId, gone) => {
    await dropFindings(
      tx,
      orgId,
      gone.map(({ customerId }) => customerId),
    )
    return gone.flatMap(({ customerId, held, at }) => {
      const before = held?.values ?? {}
      const fields = toldOf(movedFindings(before, {}), before, {}, at)
      return fields ? [event('insights.profile.changed', customerId, { customerId, fields })] : []
    })
  },
  tell: (one) => {
    const { customerId, found, held } = one
    const fields = toldOf(movedOf(one), held?.values ?? {}, found.values, found.asOf)
    return fields ? [event('insights.profile.changed', customerId, { customerId, fields })] : []
  },
}

/** Whether anything of churn but what its factors measured has moved: that moves each week. */
const isChurnStep = ({ found, held }: Judged<'findings'>): boolean =>
  headOf(held?.values.churn) !== headOf(found.values.churn)

const headOf = (said: Churn | undefined): string =>
  said ? JSON.stringify([said.percentage, said.leftOn, said.confidence, said.version]) : ''

/** The findings that are not what stands. */
const movedOf = ({ found, held, memory }: Judged<'findings'>): readonly FindingName[] =>
  held === memory ? found.moved : movedFindings(held?.values ?? {}, found.values)
