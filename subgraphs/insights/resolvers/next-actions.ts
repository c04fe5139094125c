import { pageSize } from '#kernel/cursor.ts'
import type { CustomerResolvers } from '#schema/generated/insights.types.ts'
import { nextActions } from '../domain/next-actions.ts'

const MOST = 20

export const recommendations: NonNullable<CustomerResolvers['recommendations']> = async (
  { id },
  { first },
  ctx,
) => {
  const most = pageSize(first, MOST)
  const actions = nextActions((await ctx.newestInsights.load(id!)) ?? [])
  return actions.slice(0, most).map(({ expectedValue, ...action }) => ({
    ...action,
    expectedValue: expectedValue === null ? null : { amount: expectedValue, currency: 'USD' },
  }))
}
