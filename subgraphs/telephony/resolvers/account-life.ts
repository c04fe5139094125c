import type {
  BillingAccountFilter,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/telephony.types.ts'
import { connection, keyset } from '#service/connection.ts'
import {
  type AccountAnswer,
  changeAccount,
  closeAccount,
  reactivateAccount,
  suspendAccount,
} from '../commands/change-account.ts'
import { type AccountChoice, accountPage, countAccounts } from '../store/lists.ts'

const choiceOf = (filter: BillingAccountFilter | null | undefined): AccountChoice => ({
  statuses: filter?.statuses ?? null,
  tiers: filter?.tiers ?? null,
  paymentStatuses: filter?.paymentStatuses ?? null,
  search: filter?.search?.trim() || null,
})

export const accountQueries: Pick<QueryResolvers, 'billingAccounts'> = {
  billingAccounts: async (_, { filter, ...args }, ctx) => {
    const { orgId, db } = ctx
    const page = keyset(args, 2)
    const choice = choiceOf(filter)
    const after = page.after as readonly [string, string] | null
    const rows = await db.read(orgId, (tx) => accountPage(tx, orgId, choice, { limit: page.limit, after }))
    const count = () => db.read(orgId, (tx) => countAccounts(tx, orgId, choice))
    return { ...connection(rows, page, (row) => [row.name, row.ban]), count }
  },
}

/** What was decided, as the graph answers it. */
const changed = (answer: AccountAnswer) =>
  'receipt' in answer ? { __typename: 'BillingAccountChanged' as const, ...answer } : answer

export const accountMutations: Pick<
  MutationResolvers,
  'changeBillingAccount' | 'suspendBillingAccount' | 'reactivateBillingAccount' | 'closeBillingAccount'
> = {
  changeBillingAccount: async (_, args, ctx) => changed(await changeAccount(ctx, args)),
  suspendBillingAccount: async (_, args, ctx) => changed(await suspendAccount(ctx, args)),
  reactivateBillingAccount: async (_, args, ctx) => changed(await reactivateAccount(ctx, args)),
  closeBillingAccount: async (_, args, ctx) => changed(await closeAccount(ctx, args)),
}
