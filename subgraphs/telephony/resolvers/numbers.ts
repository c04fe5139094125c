import { isId } from '#kernel/ids.ts'
import type { MutationResolvers, NumberFilter, QueryResolvers } from '#schema/generated/telephony.types.ts'
import { connection, keyset, type PageArgs } from '#service/connection.ts'
import { assignNumber } from '../commands/assign-number.ts'
import { changeNumber, setRespOrg } from '../commands/change-number.ts'
import { purchaseNumber, purchaseNumbers } from '../commands/purchase-numbers.ts'
import { releaseNumber } from '../commands/release-numbers.ts'
import type { NumberAnswer } from '../commands/standing-number.ts'
import { e164 } from '../domain/asset.ts'
import { chosenNumbers, countNumbers, type NumberChoice, type PhoneNumberRow } from '../store/numbers.ts'

/** Null when what it asks for can be of no number, such as an id that is none. */
const choiceOf = (filter: NumberFilter | null | undefined): NumberChoice | null => {
  const { ban, trunkId, statuses, type, capability, beginsWith, e911Status } = filter ?? {}
  if (trunkId && !isId(trunkId)) return null
  return {
    ...{ ban: ban ?? null, trunkId: trunkId ?? null, statuses: statuses ?? null, type: type ?? null },
    ...{ capability: capability ?? null, e911Status: e911Status ?? null },
    beginsWith: beginsWith ? `+${beginsWith.replace(/\D/g, '')}` : null,
  }
}

const position = (row: PhoneNumberRow) => [row.number, row.id] as const

export const numberQueries: Pick<QueryResolvers, 'phoneNumber' | 'numbers'> = {
  phoneNumber: (_, args, ctx) => {
    const number = e164(args.e164)
    return number === null ? null : ctx.numbersByE164.load(number)
  },

  numbers: async (_, { filter, ...args }, ctx) => {
    const page = keyset(args as PageArgs, 2)
    const choice = choiceOf(filter)
    const asked = { limit: page.limit, after: page.after as readonly [string, string] | null }
    const rows = choice
      ? await ctx.db.read(ctx.orgId, (tx) => chosenNumbers(tx, ctx.orgId, choice, asked))
      : []
    const count = async () =>
      choice ? ctx.db.read(ctx.orgId, (tx) => countNumbers(tx, ctx.orgId, choice)) : 0
    return { ...connection(rows, page, position), count }
  },
}

/** A number that was changed, as the graph answers it. */
export const changed = (answer: NumberAnswer) =>
  '__typename' in answer ? answer : { __typename: 'PhoneNumberChanged' as const, ...answer }

export const numberMutations: Pick<
  MutationResolvers,
  | 'createPhoneNumber'
  | 'purchasePhoneNumbers'
  | 'assignNumber'
  | 'changeNumber'
  | 'releaseNumber'
  | 'setRespOrg'
> = {
  createPhoneNumber: async (_, { ban, input }, ctx) => {
    const answer = await purchaseNumber(ctx, ban, input)
    return '__typename' in answer ? answer : { __typename: 'PhoneNumberCreated', ...answer }
  },

  purchasePhoneNumbers: async (_, { ban, numbers }, ctx) => {
    const answer = await purchaseNumbers(ctx, ban, numbers)
    return '__typename' in answer ? answer : { __typename: 'PhoneNumbersPurchased', ...answer }
  },

  assignNumber: async (_, { trunkId = null, ...ask }, ctx) =>
    changed(await assignNumber(ctx, { ...ask, trunkId })),
  changeNumber: async (_, args, ctx) => changed(await changeNumber(ctx, args)),
  releaseNumber: async (_, args, ctx) => changed(await releaseNumber(ctx, args)),
  setRespOrg: async (_, args, ctx) => changed(await setRespOrg(ctx, args)),
}
