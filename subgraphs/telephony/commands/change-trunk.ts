import { isId } from '#kernel/ids.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { addressesOf, flawInTrunk, type NewTrunk } from '../domain/asset.ts'
import {
  moveTrunk,
  type TrunkMove,
  type TrunkMoveRefusal,
  trunkRefusal,
  withAddresses,
} from '../domain/trunk-life.ts'
import { type TrunkRow, trunksById } from '../store/assets.ts'
import { type EstateRows, estatesOf, lockEstates } from '../store/estates.ts'
import type { Transaction } from '../store/transaction.ts'
import { type AddressesOverlap, overlapRefusal } from './find-overlap.ts'
import { keepEstates } from './keep-estates.ts'

/** The trunk that is named, and the version of it that was read. */
export interface TrunkAsk {
  id: string
  expectedVersion?: number | null | undefined
}

export type TrunkAnswer =
  | { trunk: TrunkRow; receipt: Receipt }
  | TrunkMoveRefusal
  | AddressesOverlap
  | Refusal

/** What shall be different about a trunk. What is left out or null stays as it is. */
export type TrunkChanges = { [Field in keyof NewTrunk]?: NewTrunk[Field] | null | undefined }

/** Changes a trunk: its name, addresses and codecs, and what it is ordered for. */
export const changeTrunk = (ctx: Context, ask: TrunkAsk & { changes: TrunkChanges }): Promise<TrunkAnswer> =>
  decide(ctx, 'changeTrunk', ask, async (tx, estate, trunk) => {
    if (trunk.status === 'DELETED') return trunkRefusal(trunk)
    const wanted = merged(trunk, ask.changes)
    const flaw = flawInTrunk(wanted)
    if (flaw) return invalid(flaw.field, `${flaw.field} ${flaw.problem}.`)
    if (wanted.ipAddresses.length === 0 && trunk.ipAddresses.length > 0)
      return invalid('ipAddresses', 'A trunk keeps at least one address. Suspend or delete it instead.')
    if (estate.trunks.some(({ id, name }) => id !== trunk.id && name === wanted.name))
      return invalid('name', 'name is the name of another trunk of this account.')
    const { id: trunkId } = trunk
    const overlap = await overlapRefusal(tx, ctx.orgId, [
      { trunkId, ban: null, addresses: wanted.ipAddresses },
    ])
    return overlap ?? withAddresses({ ...trunk, ...wanted }, wanted.ipAddresses, estate.account.status)
  })

const moveTo = (ctx: Context, action: string, ask: TrunkAsk, move: TrunkMove): Promise<TrunkAnswer> =>
  decide(ctx, action, ask, async (_, { account }, trunk) => moveTrunk(trunk, move, account.status))

/** Stops a trunk for a while. */
export const suspendTrunk = (ctx: Context, ask: TrunkAsk): Promise<TrunkAnswer> =>
  moveTo(ctx, 'suspendTrunk', ask, 'SUSPEND')

/** Lets a suspended trunk carry calls again. */
export const reactivateTrunk = (ctx: Context, ask: TrunkAsk): Promise<TrunkAnswer> =>
  moveTo(ctx, 'reactivateTrunk', ask, 'REACTIVATE')

/** Takes a trunk down for good; its numbers are parked. */
export const deleteTrunk = (ctx: Context, ask: TrunkAsk): Promise<TrunkAnswer> =>
  moveTo(ctx, 'deleteTrunk', ask, 'DELETE')

type Judged = TrunkRow | TrunkMoveRefusal | AddressesOverlap | Refusal

const decide = (
  ctx: Context,
  action: string,
  { id, expectedVersion }: TrunkAsk,
  judge: (tx: Transaction, estate: EstateRows, trunk: TrunkRow) => Promise<Judged>,
): Promise<TrunkAnswer> =>
  ctx.write(async (tx) => {
    const { orgId } = ctx
    await lockEstates(tx, orgId)
    const [trunk] = isId(id) ? await trunksById(tx, orgId, [id]) : []
    const [before] = trunk ? await estatesOf(tx, orgId, [trunk.ban]) : []
    if (!trunk || !before) return missing('The trunk')
    const { version } = trunk
    if (typeof expectedVersion === 'number' && expectedVersion !== version) return stale('The trunk', version)
    const judged = await judge(tx, before, trunk)
    if ('__typename' in judged) return judged
    const after = { ...before, trunks: before.trunks.map((each) => (each.id === id ? judged : each)) }
    const [kept] = await keepEstates(tx, { ...ctx, action }, [{ before, after }])
    return { trunk: kept!.trunks.find((each) => each.id === id)!, receipt: await receiptOf(tx) }
  })

/** The trunk once the changes are made. */
const merged = (trunk: TrunkRow, changes: TrunkChanges): NewTrunk => {
  const { name, ipAddresses, concurrentCalls, monthlyMinutes, codecs } = changes
  // A text that is no address stays, to be told of.
  const wanted = ipAddresses ?? trunk.ipAddresses
  const read = addressesOf(wanted)
  return {
    name: name?.trim() ?? trunk.name,
    ipAddresses: read.length === wanted.length ? read : wanted,
    concurrentCalls: concurrentCalls ?? trunk.concurrentCalls,
    monthlyMinutes: monthlyMinutes ?? trunk.monthlyMinutes,
    codecs: codecs ?? trunk.codecs,
  }
}
