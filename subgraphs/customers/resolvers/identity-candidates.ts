import { BadInput } from '#kernel/errors.ts'
import { NO_ID } from '#kernel/ids.ts'
import type {
  ComparedAccountResolvers,
  MatchStepResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import type { Receipt } from '#service/receipt.ts'
import { isRefusal, missing, type Refusal } from '#service/refusal.ts'
import { acceptCandidate } from '../commands/accept-candidate.ts'
import { rejectCandidate } from '../commands/reject-candidate.ts'
import { reopenCandidate } from '../commands/reopen-candidate.ts'
import type { Context } from '../context.ts'
import { reasonOf } from '../domain/matching/reasons.ts'
import { nameOfKey } from '../domain/matching/resolve.ts'
import { findAccount } from '../store/identities.ts'
import { candidatesById, candidatesOf, countCandidates } from '../store/identity-candidates.ts'
import { explainPair } from '../store/matching.ts'
import { portalId } from '../store/portal-ids.ts'

export const ComparedAccount: ComparedAccountResolvers = {
  accountId: async (key, _, ctx) => portalId((await ctx.accounts.load(nameOfKey(key)))?.external_id),
  name: async (key, _, ctx) => (await ctx.accounts.load(nameOfKey(key)))?.name ?? null,
  domain: async (key, _, ctx) => (await ctx.accounts.load(nameOfKey(key)))?.domain ?? null,
  customer: async (key, _, ctx) => {
    const account = await ctx.accounts.load(nameOfKey(key))
    return account && !account.gone_at ? ctx.customers.load(account.customer_id) : null
  },
}

export const MatchStep: MatchStepResolvers = { why: reasonOf }

export const candidateQueries = {
  identityCandidates: async (_, { filter, ...args }, ctx) => {
    const page = keyset(args, 2)
    const { states, kind, minScore, maxScore, system, customerId } = filter ?? {}
    const asked = {
      states: states ?? ['OPEN' as const],
      ...(kind ? { kind } : {}),
      ...(minScore == null ? {} : { minScore }),
      ...(maxScore == null ? {} : { maxScore }),
      ...(system ? { system } : {}),
      ...(customerId ? { customerIds: [(await ctx.customers.load(customerId))?.id ?? NO_ID] } : {}),
    }
    const [score, id] = (page.after ?? []) as [number, string]
    const after = page.after ? { score, id } : null
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      candidatesOf(tx, ctx.orgId, asked, { first: page.limit, after }),
    )
    return {
      ...connection(rows, page, (row) => [row.score, row.id]),
      count: () => ctx.db.read(ctx.orgId, (tx) => countCandidates(tx, ctx.orgId, asked)),
    }
  },

  explainMatch: async (_, { a, b }, ctx) => {
    const match = await ctx.db.read(ctx.orgId, async (tx) => {
      const one = await findAccount(tx, ctx.orgId, a.system, a.accountId)
      const two = await findAccount(tx, ctx.orgId, b.system, b.accountId)
      if (!one || !two) return undefined
      const [left, right] = [one, two].map((row) => ({ system: row.system, accountId: row.account_id }))
      return explainPair(tx, ctx.orgId, left!, right!)
    })
    if (match && nameOfKey(match.a) === nameOfKey(match.b))
      throw BadInput.with({ field: 'b', reason: 'is another account than a' })
    return match ?? null
  },
} satisfies QueryResolvers

const decided = async (ctx: Context, answer: Refusal | { candidateId: string; receipt: Receipt }) => {
  if (isRefusal(answer)) return answer
  const found = await ctx.db.read(ctx.orgId, (tx) => candidatesById(tx, ctx.orgId, [answer.candidateId]))
  const candidate = found.get(answer.candidateId)
  if (!candidate) return missing('The candidate')
  const accounts = await ctx.accounts.loadMany([candidate.a, candidate.b].map(nameOfKey))
  const [one, two] = accounts.map((account) => account?.customer_id)
  const customer = one && one === two ? await ctx.customers.load(one) : null
  return { __typename: 'IdentityCandidateDecided' as const, candidate, customer, receipt: answer.receipt }
}

export const candidateMutations = {
  acceptIdentityCandidate: async (_, ask, ctx) => decided(ctx, await acceptCandidate(ctx, ask)),
  rejectIdentityCandidate: async (_, ask, ctx) => decided(ctx, await rejectCandidate(ctx, ask)),
  reopenIdentityCandidate: async (_, ask, ctx) => decided(ctx, await reopenCandidate(ctx, ask)),
} satisfies MutationResolvers
