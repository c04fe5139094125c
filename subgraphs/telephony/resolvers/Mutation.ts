import type { MutationResolvers } from '#schema/generated/telephony.types.ts'
import { invalid, missing } from '#service/refusal.ts'
import { createNumber } from '../commands/create-number.ts'
import { ingestUsage } from '../commands/ingest-usage.ts'
import { openAccounts } from '../commands/open-accounts.ts'
import type { Flaw } from '../domain/asset.ts'
import { accountMutations } from './account-life.ts'
import { creditMutations } from './credit.ts'
import { trunkMutations } from './trunk-life.ts'

const MOST_AT_ONCE = 500
const MOST_RECORDS = 1000
const because = ({ field, problem }: Flaw) => invalid(field, `${field} ${problem}.`)

export const Mutation: MutationResolvers = {
  ...accountMutations,
  ...trunkMutations,
  ...creditMutations,

  createBillingAccount: async (_, { input }, ctx) => {
    const { created, refused, receipt } = await openAccounts(ctx, [input])
    const [account] = created
    if (account) return { __typename: 'BillingAccountCreated', account, receipt }
    return refused[0]
      ? because(refused[0].flaw)
      : invalid('ban', 'An account with this number exists already.')
  },

  importBillingAccounts: async (_, { accounts }, ctx) => {
    if (accounts.length > MOST_AT_ONCE)
      return invalid('accounts', `Send at most ${MOST_AT_ONCE} accounts at once.`)
    const { created, skipped, refused, receipt } = await openAccounts(ctx, accounts)
    const reasons = refused.map(({ index, flaw }) => ({ index, message: `${flaw.field} ${flaw.problem}.` }))
    return {
      __typename: 'BillingAccountsImported',
      created: created.length,
      skipped,
      refused: reasons,
      receipt,
    }
  },

  createPhoneNumber: async (_, { ban, input }, ctx) => {
    const done = await createNumber(ctx, ban, input)
    if (done === null) return missing('The billing account')
    return 'problem' in done ? because(done) : { __typename: 'PhoneNumberCreated', ...done }
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
