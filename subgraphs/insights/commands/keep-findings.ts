import { event } from '#schema/events.ts'
import type { Churn } from '../domain/churn.ts'
import { toldOf } from '../domain/findings.ts'
import { type ChurnStepRow, keepChurnSteps } from '../store/churn-history.ts'
import { dropFindings, findingsOf, saveFindings } from '../store/findings.ts'
import type { Judged, Keeper } from './keeper.ts'

/** Keeps what is found of customers beyond their health, where it has moved. */
export const findingsKeeper: Keeper<'findings'> = {
  recall: findingsOf,
  save: async (tx, orgId, judged) => {
    const moved = judged.filter(({ found }) => found.moved.length > 0)
    await saveFindings(
      tx,
      orgId,
      moved.map(({ customerId, found }) => ({ customerId, values: found.values, asOf: found.asOf })),
    )
    await keepChurnSteps(tx, orgId, moved.flatMap(churnStep))
  },
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

/** A step where anything but what factors measured has moved: those move each week. */
const churnStep = ({ customerId, found, memory }: Judged<'findings'>): ChurnStepRow[] => {
  const [was, is] = [memory?.values.churn, found.values.churn]
  const isSame = JSON.stringify(was && headOf(was)) === JSON.stringify(is && headOf(is))
  return isSame ? [] : [{ customerId, asOf: found.asOf, said: is ?? null }]
}

const headOf = ({ percentage, leftOn, confidence, version }: Churn) => [
  percentage,
  leftOn,
  confidence,
  version,
]
