import { BadInput } from '#kernel/errors.ts'
import type { GrowthMonthResolvers, QueryResolvers } from '#schema/generated/telephony.types.ts'
import { grossRetention, logoChurn, minutesGrowth, mrrEnd, netRetention } from '../domain/growth.ts'
import { isMonth, monthAfter } from '../domain/months.ts'
import { minutesOf } from '../domain/rating.ts'
import { type GrowthMonthRow, growthMonths } from '../store/growth.ts'

const MOST_MONTHS = 120

type Amount = 'mrrBegin' | 'mrrNew' | 'mrrExpansion' | 'mrrContraction' | 'mrrChurned'
const moneyOf = (name: Amount) => (row: GrowthMonthRow) => ({ amount: row[name], currency: row.currency })

export const GrowthMonth: GrowthMonthResolvers = {
  liveAtEnd: ({ liveAtBegin, opened, closed }) => liveAtBegin + opened - closed,
  logoChurn,
  mrrBegin: moneyOf('mrrBegin'),
  mrrNew: moneyOf('mrrNew'),
  mrrExpansion: moneyOf('mrrExpansion'),
  mrrContraction: moneyOf('mrrContraction'),
  mrrChurned: moneyOf('mrrChurned'),
  mrrEnd: (row) => ({ amount: mrrEnd(row), currency: row.currency }),
  grossRetention,
  netRetention,
  minutes: ({ seconds }) => minutesOf(seconds),
  minutesGrowth,
}

export const growthQueries: Pick<QueryResolvers, 'telephonyGrowth'> = {
  telephonyGrowth: (_, { from, to }, ctx) => {
    for (const [field, month] of Object.entries({ from, to }))
      if (!isMonth(month)) throw BadInput.with({ field, reason: 'must be a month like 2026-11' })
    if (to < from || to > monthAfter(from, MOST_MONTHS))
      throw BadInput.with({
        field: 'to',
        reason: `must be from as late as from to ${MOST_MONTHS} months later`,
      })
    return ctx.db.read(ctx.orgId, (tx) => growthMonths(tx, ctx.orgId, { from, to }))
  },
}
