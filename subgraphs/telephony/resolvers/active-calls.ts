import { readEvent } from '#schema/events.ts'
import type {
  BillingAccountResolvers,
  MutationResolvers,
  SubscriptionResolvers,
  TrunkResolvers,
  TrunkTickResolvers,
  UsageTickResolvers,
} from '#schema/generated/telephony.types.ts'
import { invalid } from '#service/refusal.ts'
import { fromLog } from '#service/subscriptions.ts'
import { reportActiveCalls } from '../commands/report-active-calls.ts'
import type { TrunkTickRow, UsageTickRow } from '../domain/ticks.ts'
import { accountOf } from './account-of.ts'

const MOST_READINGS = 1000

export const trunkCalls: Pick<TrunkResolvers, 'activeCalls'> = {
  activeCalls: async ({ id }, _, ctx) => (await ctx.trunkCalls.load(id))?.calls ?? null,
}

export const accountCalls: Pick<BillingAccountResolvers, 'activeCalls' | 'firstCallAt'> = {
  activeCalls: async ({ ban }, _, ctx) => (await ctx.accountCalls.load(ban))?.calls ?? null,
  firstCallAt: async ({ ban }, _, ctx) => (await ctx.firstCalls.load(ban))?.calledAt ?? null,
}

export const activeCallMutations: Pick<MutationResolvers, 'reportActiveCalls'> = {
  reportActiveCalls: async (_, { readings }, ctx) =>
    readings.length > MOST_READINGS
      ? invalid('readings', `Send at most ${MOST_READINGS} counts at once.`)
      : { __typename: 'ActiveCallsReported', ...(await reportActiveCalls(ctx, readings)) },
}

export const UsageTick: UsageTickResolvers = {
  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
}

export const TrunkTick: TrunkTickResolvers = {
  trunk: ({ trunkId }, _, ctx) => ctx.trunks.load(trunkId),
  minutes: ({ seconds }) => seconds / 60,
}

export const tickSubscriptions: Pick<SubscriptionResolvers, 'usageTick'> = {
  usageTick: {
    subscribe: (_, { trunkId, after }, ctx) =>
      fromLog(ctx, {
        names: ['telephony.usage.ticked'],
        after,
        toValue: (event): UsageTickRow | null => {
          const told = readEvent('telephony.usage.ticked', event.version, event.payload)
          const trunks: TrunkTickRow[] = told.trunks.filter((trunk) => !trunkId || trunk.trunkId === trunkId)
          if (trunkId && trunks.length === 0) return null
          return {
            ...{ ban: told.ban, at: new Date(told.at), activeCalls: told.activeCalls, trunks },
            minutesThisMonth: told.monthToDate.minutes,
            spendThisMonth: told.monthToDate.spend,
          }
        },
      }),
  },
}
