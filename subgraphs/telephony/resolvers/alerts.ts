import { isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import type {
  BillingAccountResolvers,
  MutationResolvers,
  QueryResolvers,
  SubscriptionResolvers,
  TelephonyAlertResolvers,
  TrunkResolvers,
} from '#schema/generated/telephony.types.ts'
import { connection, keyset, type PageArgs } from '#service/connection.ts'
import { missing } from '#service/refusal.ts'
import { fromLog } from '#service/subscriptions.ts'
import { acknowledgeAlert } from '../commands/acknowledge-alert.ts'
import type { Context } from '../context.ts'
import { PERIODS, type TelephonyAlertRow } from '../domain/alerts.ts'
import { bansOf } from '../store/accounts.ts'
import {
  type AlertFilter,
  type AlertOwnerKind,
  type AlertState,
  alertsPage,
  countAlerts,
} from '../store/alerts.ts'
import { accountOf } from './account-of.ts'

export const TelephonyAlert: TelephonyAlertResolvers = {
  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
  trunk: ({ trunkId }, _, ctx) => (trunkId === null ? null : ctx.trunks.load(trunkId)),
  period: ({ measure }) => PERIODS[measure],
  state: ({ closedAt }) => (closedAt === null ? 'OPEN' : 'CLOSED'),
}

type ListArgs = PageArgs & { state?: AlertState | null }

const placeOf = ({ id }: TelephonyAlertRow) => [id]

const pageOf = (args: PageArgs) => {
  const page = keyset(args, 1)
  const after = page.after?.[0] ?? null
  return { ...page, place: typeof after === 'string' && isId(after) ? after : null }
}

/** A page of the alerts of an account or a trunk. Owners of one request are answered together. */
const alertsOf = async (ctx: Context, kind: AlertOwnerKind, owner: string, args: ListArgs) => {
  const page = pageOf(args)
  const asked = { kind, state: args.state ?? null }
  const rows = await ctx.alertPages.load(owner, { ...asked, limit: page.limit, after: page.place })
  const count = async () => (await ctx.alertCounts.load(owner, asked)) ?? 0
  return { ...connection(rows ?? [], page, placeOf), count }
}

export const accountAlerts: Pick<BillingAccountResolvers, 'alerts'> = {
  alerts: ({ ban }, args, ctx) => alertsOf(ctx, 'ban', ban, args),
}

export const trunkAlerts: Pick<TrunkResolvers, 'alerts'> = {
  alerts: ({ id }, args, ctx) => alertsOf(ctx, 'trunk_id', id, args),
}

const nobody = {
  ...connection<TelephonyAlertRow>([], { first: 0, after: null }, placeOf),
  count: async () => 0,
}

export const alertQueries: Pick<QueryResolvers, 'telephonyAlerts'> = {
  telephonyAlerts: async (_, { filter, ...args }, ctx) => {
    const page = pageOf(args)
    const { ban = null, trunkId = null, measures = null, state = null } = filter ?? {}
    if (trunkId !== null && !isId(trunkId)) return nobody
    const asked: AlertFilter = { ban, trunkId, measures, state }
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      alertsPage(tx, ctx.orgId, asked, { limit: page.limit, after: page.place }),
    )
    const count = () => ctx.db.read(ctx.orgId, (tx) => countAlerts(tx, ctx.orgId, asked))
    return { ...connection(rows, page, placeOf), count }
  },
}

export const alertMutations: Pick<MutationResolvers, 'acknowledgeAlert'> = {
  acknowledgeAlert: async (_, { id }, ctx) => {
    const done = await acknowledgeAlert(ctx, id)
    return done ? { __typename: 'AlertAcknowledged', ...done } : missing('The alert')
  },
}

export const alertSubscriptions: Pick<SubscriptionResolvers, 'telephonyAlert'> = {
  telephonyAlert: {
    subscribe: (_, { customerId, after }, ctx) =>
      fromLog(ctx, {
        names: ['telephony.alert.opened', 'telephony.alert.closed'],
        after,
        toValue: async (event): Promise<TelephonyAlertRow | null> => {
          const name = event.name as 'telephony.alert.opened' | 'telephony.alert.closed'
          const told = readEvent(name, event.version, event.payload)
          // Asked anew for each event: an account may have come to the customer since the subscription began.
          const mine = customerId
            ? await ctx.db.read(ctx.orgId, (tx) => bansOf(tx, ctx.orgId, customerId))
            : [told.ban]
          return mine.includes(told.ban) ? alertFrom(told) : null
        },
      }),
  },
}

/** The alert as it was when an event told of it. */
const alertFrom = ({
  alertId: id,
  openedAt,
  dueAt,
  closedAt,
  period: _period,
  observedAt: _observedAt,
  ...told
}: ReturnType<typeof readEvent<'telephony.alert.opened'>>): TelephonyAlertRow => ({
  ...told,
  id,
  openedAt: new Date(openedAt),
  dueAt: new Date(dueAt),
  closedAt: closedAt === null ? null : new Date(closedAt),
  closedValue: closedAt === null ? null : told.value,
  acknowledgedAt: null,
  acknowledgedBy: null,
})
