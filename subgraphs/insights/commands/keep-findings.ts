import { event } from '#schema/events.ts'
import { toldOf } from '../domain/findings.ts'
import { dropFindings, findingsOf, saveFindings } from '../store/findings.ts'
import type { Keeper } from './keeper.ts'

/** Keeps what is found of customers beyond their health, where it has moved. */
export const findingsKeeper: Keeper<'findings'> = {
  recall: findingsOf,
  save: (tx, orgId, judged) =>
    saveFindings(
      tx,
      orgId,
      judged.flatMap((one) =>
        one.found.moved.length > 0
          ? [{ customerId: one.customerId, values: one.found.values, asOf: one.found.asOf }]
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
