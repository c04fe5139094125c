import type { PageArgs } from '#service/connection.ts'
import { today } from '#service/noticing.ts'
import type { Context } from '../context.ts'
import { renewalDays } from '../domain/renewals.ts'
import type { ChildFilter } from '../store/child-filters.ts'
import { sumAllDeals } from '../store/children.ts'
import type { DealConnectionRow } from '../store/pages.ts'
import { dealPage, pageOfAll } from './child-pages.ts'

interface Asked extends PageArgs {
  window?: { from?: string | null; to?: string | null } | null
  stage?: string | null
  ownerId?: string | null
  open?: boolean | null
}

const filterOf = ({ window, stage, ownerId, open }: Asked, ctx: Context): ChildFilter => {
  const { from, before } = renewalDays(window ?? {}, today(ctx.clock))
  return {
    renewal: stage ?? 'RENEWALS',
    renewFrom: from,
    renewBefore: before,
    ownerId: ownerId ?? null,
    open: open ?? null,
  }
}

/** All renewals of a window, soonest first. */
export const allRenewals = async (ctx: Context, asked: Asked): Promise<DealConnectionRow> => {
  const filter = filterOf(asked, ctx)
  return {
    ...(await pageOfAll(ctx, 'deals', { order: 'renewal', filter }, asked)),
    sums: () => ctx.db.read(ctx.orgId, (tx) => sumAllDeals(tx, ctx.orgId, filter)),
  }
}

/** A customer's renewals of a window, soonest first. */
export const customerRenewals = ({ id }: { id: string }, asked: Asked, ctx: Context) =>
  dealPage(ctx, { of: 'customers', id }, { order: 'renewal', filter: filterOf(asked, ctx) }, asked)
