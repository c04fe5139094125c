import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { e164, type Flaw, flawInNumber, type NewNumber } from '../domain/asset.ts'
import { numberChanged } from '../domain/telling.ts'
import { accountsByBan, lockAccount } from '../store/accounts.ts'
import { assetsOf, insertNumbers, type PhoneNumberRow, takenNumbers } from '../store/assets.ts'
import { numberRow } from './open-accounts.ts'

/**
 * Gives a telephone number to an account.
 * @returns the number; what is wrong with it; null when there is no such account
 */
export const createNumber = (
  ctx: Context,
  ban: string,
  input: NewNumber,
): Promise<{ phoneNumber: PhoneNumberRow; receipt: Receipt } | Flaw | null> =>
  ctx.write(async (tx) => {
    const flaw = flawInNumber(input)
    if (flaw) return flaw
    const [account] = (await lockAccount(tx, ctx.orgId, ban)) ? await accountsByBan(tx, ctx.orgId, [ban]) : []
    if (!account) return null
    const taken = await takenNumbers(tx, ctx.orgId, [e164(input.number)!])
    if (taken.size > 0) return { field: 'number', problem: 'is given out already' }
    const { trunks } = await assetsOf(tx, ctx.orgId, [ban])
    const trunk = trunks.find((t) => t.name === input.trunkName && t.status !== 'DELETED')
    if (input.trunkName && !trunk) return { field: 'trunkName', problem: 'names no trunk of this account' }
    const at = ctx.clock.now()
    const phoneNumber = numberRow(ctx, account, input, trunk?.id ?? null, at)
    await insertNumbers(tx, ctx.orgId, [phoneNumber])
    const subject = { type: 'PhoneNumber', id: phoneNumber.id }
    const after = { ...phoneNumber }
    await audit(tx, {
      orgId: ctx.orgId,
      principal: ctx.principal,
      action: 'createPhoneNumber',
      subject,
      after,
      at,
    })
    await publish(tx, ctx.orgId, [numberChanged(phoneNumber, at, ctx.sealNumber)], at)
    return { phoneNumber, receipt: await receiptOf(tx) }
  })
