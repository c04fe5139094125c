import type { MutationResolvers } from '#schema/generated/telephony.types.ts'
import { invalid } from '#service/refusal.ts'
import { ingestUsage } from '../commands/ingest-usage.ts'
import { openAccounts } from '../commands/open-accounts.ts'
import type { Flaw, UnpricedNumber } from '../domain/asset.ts'
import { numberPrice } from '../domain/rate-plans.ts'
import { accountMutations } from './account-life.ts'
import { activeCallMutations } from './active-calls.ts'
import { alertMutations } from './alerts.ts'
import { creditMutations } from './credit.ts'
import { emergencyMutations } from './emergency.ts'
import { invoiceMutations } from './invoices.ts'
import { messagingMutations } from './messaging.ts'
import { numberMutations } from './numbers.ts'
import { portMutations } from './ports.ts'
import { ratePlanMutations } from './rate-plans.ts'
import { thresholdMutations } from './thresholds.ts'
import { trunkMutations } from './trunk-life.ts'

const MOST_AT_ONCE = 500
const MOST_RECORDS = 1000
/** A new account is on no plan yet. */
const priced = <T extends { numbers: readonly UnpricedNumber[] }>(account: T) => ({
  ...account,
  numbers: account.numbers.map((number) => ({
    ...number,
    monthlyCost: number.monthlyCost ?? numberPrice(number.type),
  })),
})
const because = ({ field, problem }: Flaw) => invalid(field, `${field} ${problem}.`)

export const Mutation: MutationResolvers = {
  ...accountMutations,
  ...trunkMutations,
  ...creditMutations,
  ...ratePlanMutations,
  ...invoiceMutations,
  ...activeCallMutations,
  ...alertMutations,
  ...thresholdMutations,
  ...numberMutations,
  ...portMutations,
  ...emergencyMutations,
  ...messagingMutations,

  createBillingAccount: async (_, { input }, ctx) => {
    const { created, refused, receipt } = await openAccounts(ctx, [priced(input)])
    const [account] = created
    if (account) return { __typename: 'BillingAccountCreated', account, receipt }
    return refused[0]
      ? because(refused[0].flaw)
      : invalid('ban', 'An account with this number exists already.')
  },

  importBillingAccounts: async (_, { accounts }, ctx) => {
    if (accounts.length > MOST_AT_ONCE)
      return invalid('accounts', `Send at most ${MOST_AT_ONCE} accounts at once.`)
    const { created, skipped, refused, receipt } = await openAccounts(ctx, accounts.map(priced))
    const reasons = refused.map(({ index, flaw }) => ({ index, message: `${flaw.field} ${flaw.problem}.` }))
    return {
      __typename: 'BillingAccountsImported',
      created: created.length,
      skipped,
      refused: reasons,
      receipt,
    }
  },

  ingestUsage: async (_, { records }, ctx) => {
    if (records.length > MOST_RECORDS)
      return invalid(
        'records',
        `Send at most ${MOST_RECORDS} records at once, or POST them to /api/v1/usage/records.`,
      )
    const sent = records.map((told, index) => ({ index, told }))
    return { __typename: 'UsageIngested', ...(await ingestUsage(ctx, sent)) }
  },
}
