import { isId } from '#kernel/ids.ts'
import type {
  BillingAccountResolvers,
  MutationResolvers,
  PortOrderResolvers,
  QueryResolvers,
} from '#schema/generated/telephony.types.ts'
import {
  cancelPort,
  completePort,
  confirmPort,
  type PortAnswer,
  type PortMoveAnswer,
  rejectPort,
  submitPort,
} from '../commands/move-port.ts'
import { orderPortIn, orderPortOut } from '../commands/order-port.ts'
import { nextSteps } from '../domain/ports.ts'
import { countPorts, newestPorts, portPages } from '../store/ports.ts'
import { accountOf } from './account-of.ts'
import { inAll, newestPage } from './newest-page.ts'

export const PortOrder: PortOrderResolvers = {
  nextStatuses: (port) => [...nextSteps(port)],
  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
  numbers: async ({ id }, _, ctx) => {
    const ids = (await ctx.portNumbers.load(id)) ?? []
    return (await ctx.numbers.loadMany(ids, undefined)).filter((number) => number !== null)
  },
}

export const accountPorts: Pick<BillingAccountResolvers, 'ports'> = {
  ports: ({ ban }, args, ctx) =>
    newestPage(
      args,
      async (page) => (await ctx.portPages.load(ban, page)) ?? [],
      async () => (await ctx.portCounts.load(ban)) ?? 0,
    ),
}

export const portQueries: Pick<QueryResolvers, 'port' | 'ports'> = {
  port: (_, { id }, ctx) => (isId(id) ? ctx.ports.load(id) : null),

  ports: (_, { filter, ...args }, { db, orgId }) => {
    const bans = filter?.ban ? [filter.ban] : null
    const choice = { direction: filter?.direction ?? null, statuses: filter?.statuses ?? null }
    return newestPage(
      args,
      (page) =>
        db.read(orgId, (tx) =>
          bans ? portPages(tx, orgId, bans, choice, page) : newestPorts(tx, orgId, choice, page),
        ),
      async () => inAll(await db.read(orgId, (tx) => countPorts(tx, orgId, bans, choice))),
    )
  },
}

const moved = <A extends PortAnswer | PortMoveAnswer>(answer: A) =>
  '__typename' in answer
    ? (answer as Extract<A, { __typename: string }>)
    : { __typename: 'PortMoved' as const, ...(answer as Exclude<A, { __typename: string }>) }

export const portMutations: Pick<
  MutationResolvers,
  'orderPortIn' | 'orderPortOut' | 'submitPort' | 'confirmPort' | 'completePort' | 'rejectPort' | 'cancelPort'
> = {
  orderPortIn: async (_, { ban, input }, ctx) => moved(await orderPortIn(ctx, ban, input)),
  orderPortOut: async (_, { ban, input }, ctx) => moved(await orderPortOut(ctx, ban, input)),
  submitPort: async (_, args, ctx) => moved(await submitPort(ctx, args)),
  confirmPort: async (_, args, ctx) => moved(await confirmPort(ctx, args)),
  completePort: async (_, args, ctx) => moved(await completePort(ctx, args)),
  rejectPort: async (_, args, ctx) => moved(await rejectPort(ctx, args)),
  cancelPort: async (_, args, ctx) => moved(await cancelPort(ctx, args)),
}
