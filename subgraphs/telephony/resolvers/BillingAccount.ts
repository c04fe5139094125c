import type { BillingAccountResolvers } from '#schema/generated/telephony.types.ts'
import { ACCOUNT_MOVES } from '../domain/account-life.ts'
import { accountCalls } from './active-calls.ts'
import { accountAlerts } from './alerts.ts'
import { numberPage, trunkPage } from './asset-page.ts'
import { accountInvoices } from './invoices.ts'
import { accountMessaging } from './messaging.ts'
import { accountPorts } from './ports.ts'
import { accountPlan } from './rate-plans.ts'
import { accountSpend } from './spend.ts'
import { accountThresholds } from './thresholds.ts'
import { usageOf } from './usage.ts'

export const BillingAccount: BillingAccountResolvers = {
  __resolveReference: ({ ban }, ctx) => ctx.accounts.load(ban),

  ...accountPorts,
  ...accountMessaging,
  mrr: ({ mrr, currency }) => ({ amount: mrr, currency }),
  creditLimit: ({ creditLimit, currency }) => ({ amount: creditLimit, currency }),
  nextStatuses: ({ status }) => [...ACCOUNT_MOVES[status]],
  trunks: ({ ban }, args, ctx) => trunkPage(ctx, [ban], args),
  numbers: ({ ban }, args, ctx) => numberPage(ctx, [ban], args),
  ...accountPlan,
  ...accountSpend,
  ...accountInvoices,
  ...accountAlerts,
  ...accountCalls,
  ...accountThresholds,
  usage: ({ ban }, args, ctx) => usageOf(ctx, { bans: [ban], trunkId: null }, args),
}
