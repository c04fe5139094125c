import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { type Flaw, flawInTrunk, type NewTrunk } from '../domain/asset.ts'
import { trunkChanged } from '../domain/telling.ts'
import { lockAccount } from '../store/accounts.ts'
import { assetsOf, insertTrunks, type TrunkRow } from '../store/assets.ts'
import { trunkRow } from './open-accounts.ts'

/**
 * Sets up a trunk of an account.
 * @returns the trunk; what is wrong with it; null when there is no such account
 */
export const createTrunk = (
  ctx: Context,
  ban: string,
  input: NewTrunk,
): Promise<{ trunk: TrunkRow; receipt: Receipt } | Flaw | null> =>
  ctx.write(async (tx) => {
    const flaw = flawInTrunk(input)
    if (flaw) return flaw
    // Locked, so that two callers cannot both find the name free.
    if (!(await lockAccount(tx, ctx.orgId, ban))) return null
    const { trunks } = await assetsOf(tx, ctx.orgId, [ban])
    if (trunks.some((trunk) => trunk.name === input.name))
      return { field: 'name', problem: 'is the name of another trunk of this account' }
    const at = ctx.clock.now()
    const trunk = trunkRow(ctx, ban, input, at)
    await insertTrunks(tx, ctx.orgId, [trunk])
    const subject = { type: 'Trunk', id: trunk.id }
    await audit(tx, {
      orgId: ctx.orgId,
      principal: ctx.principal,
      action: 'createTrunk',
      subject,
      after: { ...trunk },
      at,
    })
    await publish(tx, ctx.orgId, [trunkChanged(trunk, at)], at)
    return { trunk, receipt: await receiptOf(tx) }
  })
