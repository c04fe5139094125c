import { isId } from '#kernel/ids.ts'
import { invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { trunksById } from '../store/assets.ts'
import { changeOne, type NumberAnswer, type NumberAsk } from './standing-number.ts'

/**
 * Has the calls to a number arrive on a trunk of its account; null parks it. A number on its way here may be assigned before it comes.
 * The account is held meanwhile, and with it its trunks: none is taken down under a number.
 */
export const assignNumber = (
  ctx: Context,
  { trunkId, ...ask }: NumberAsk & { trunkId: string | null },
): Promise<NumberAnswer> =>
  changeOne(ctx, 'assignNumber', ask, async (number, tx) => {
    if (number.trunkId === trunkId) return number
    if (trunkId === null) return { ...number, trunkId }
    const [trunk] = isId(trunkId) ? await trunksById(tx, ctx.orgId, [trunkId]) : []
    if (trunk?.ban !== number.ban) return invalid('trunkId', 'That is no trunk of the account of the number.')
    return trunk.status === 'DELETED'
      ? invalid('trunkId', 'The trunk was taken down. Choose another one.', 'TRUNK_OVER')
      : { ...number, trunkId }
  })
