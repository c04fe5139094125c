import type { CustomerResolvers } from '#schema/generated/insights.types.ts'
import { connection, isWhole, keyset, placeOf } from '#service/connection.ts'
import { OPPORTUNITY_METHODS } from '../domain/buying/opportunities.ts'
import { relied } from './relied.ts'

const MOST = 50

export const opportunityFields: Pick<CustomerResolvers, 'opportunities'> = {
  opportunities: async ({ id }, args, ctx) => {
    const page = keyset(args, 1, MOST)
    const found = (await ctx.findings.load(id!))?.values.opportunities
    const all = (found?.list ?? []).map(({ value, ...each }, place) => ({
      ...{ ...each, place, estimatedValue: { amount: value, currency: found!.currency } },
      ...{ lift: each.lift === null ? null : `${each.lift}`, modelVersion: found!.modelVersion },
      ...relied(each, OPPORTUNITY_METHODS[each.type]),
    }))
    const [after] = placeOf(page.after, isWhole) ?? [-1]
    return connection(all.filter(({ place }) => place > after).slice(0, page.limit), page, ({ place }) => [
      place,
    ])
  },
}
