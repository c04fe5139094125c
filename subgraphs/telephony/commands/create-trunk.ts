import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { type Flaw, flawInTrunk, type NewTrunk } from '../domain/asset.ts'
import { accountRefusal, type TrunkMoveRefusal } from '../domain/trunk-life.ts'
import type { TrunkRow } from '../store/assets.ts'
import { estatesOf, lockEstates } from '../store/estates.ts'
import { type AddressesOverlap, overlapRefusal } from './find-overlap.ts'
import { keepEstates } from './keep-estates.ts'
import { trunkRow } from './open-accounts.ts'

/**
 * Sets up a trunk of an account.
 * @returns the trunk; what is wrong with it; why it cannot be; null when there is no such account
 */
export const createTrunk = (
  ctx: Context,
  ban: string,
  input: NewTrunk,
): Promise<{ trunk: TrunkRow; receipt: Receipt } | Flaw | TrunkMoveRefusal | AddressesOverlap | null> =>
  ctx.write(async (tx) => {
    const { orgId, clock } = ctx
    const flaw = flawInTrunk(input)
    if (flaw) return flaw
    await lockEstates(tx, orgId)
    const [before] = await estatesOf(tx, orgId, [ban])
    if (!before) return null
    const refusal = accountRefusal(before.account.status, null)
    if (refusal) return refusal
    const trunk = trunkRow(clock, before.account, input)
    if (before.trunks.some(({ name }) => name === trunk.name))
      return { field: 'name', problem: 'is the name of another trunk of this account' }
    const { ipAddresses: addresses } = trunk
    const overlap = await overlapRefusal(tx, orgId, [{ trunkId: null, ban: null, addresses }])
    if (overlap) return overlap
    const after = { ...before, trunks: [...before.trunks, trunk] }
    const [kept] = await keepEstates(tx, { ...ctx, action: 'createTrunk' }, [{ before, after }])
    return { trunk: kept!.trunks.find(({ id }) => id === trunk.id)!, receipt: await receiptOf(tx) }
  })
