import type { MutationResolvers, QueryResolvers, TrunkFilter } from '#schema/generated/telephony.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { invalid, missing } from '#service/refusal.ts'
import {
  changeTrunk,
  deleteTrunk,
  reactivateTrunk,
  suspendTrunk,
  type TrunkAnswer,
} from '../commands/change-trunk.ts'
import { createTrunk } from '../commands/create-trunk.ts'
import { addressesOf } from '../domain/asset.ts'
import { countTrunks, type TrunkChoice, trunkList } from '../store/lists.ts'

const choiceOf = (filter: TrunkFilter | null | undefined): TrunkChoice => {
  const search = filter?.search?.trim() || null
  const [address = null] = search === null ? [] : addressesOf([search])
  return {
    ban: filter?.ban ?? null,
    statuses: filter?.statuses ?? null,
    name: address === null ? search : null,
    address,
  }
}

export const trunkQueries: Pick<QueryResolvers, 'trunks'> = {
  trunks: async (_, { filter, ...args }, ctx) => {
    const { orgId, db } = ctx
    const page = keyset(args, 2)
    const choice = choiceOf(filter)
    const after = page.after as readonly [string, string] | null
    const rows = await db.read(orgId, (tx) => trunkList(tx, orgId, choice, { limit: page.limit, after }))
    const count = () => db.read(orgId, (tx) => countTrunks(tx, orgId, choice))
    return { ...connection(rows, page, (row) => [row.name, row.id]), count }
  },
}

/** What was decided, as the graph answers it. */
const changed = (answer: TrunkAnswer) =>
  'receipt' in answer ? { __typename: 'TrunkChanged' as const, ...answer } : answer

export const trunkMutations: Pick<
  MutationResolvers,
  'createTrunk' | 'changeTrunk' | 'suspendTrunk' | 'reactivateTrunk' | 'deleteTrunk'
> = {
  createTrunk: async (_, { ban, input }, ctx) => {
    const done = await createTrunk(ctx, ban, input)
    if (done === null) return missing('The billing account')
    if ('problem' in done) return invalid(done.field, `${done.field} ${done.problem}.`)
    return 'receipt' in done ? { __typename: 'TrunkCreated', ...done } : done
  },

  changeTrunk: async (_, args, ctx) => changed(await changeTrunk(ctx, args)),
  suspendTrunk: async (_, args, ctx) => changed(await suspendTrunk(ctx, args)),
  reactivateTrunk: async (_, args, ctx) => changed(await reactivateTrunk(ctx, args)),
  deleteTrunk: async (_, args, ctx) => changed(await deleteTrunk(ctx, args)),
}
