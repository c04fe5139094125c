import { isId } from '#kernel/ids.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import {
  type InvalidRefusal,
  invalid,
  type MissingRefusal,
  missing,
  type StaleRefusal,
  stale,
} from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { isInUse } from '../domain/numbers.ts'
import { lockAccount } from '../store/accounts.ts'
import { lockNumbers, numbersById, type PhoneNumberRow } from '../store/numbers.ts'
import type { Transaction } from '../store/transaction.ts'
import { keepNumbers } from './keep-numbers.ts'

/** The number that is named, and the version of it that was read. */
export interface NumberAsk {
  id: string
  expectedVersion?: number | null | undefined
}

export type NumberAnswer =
  | { phoneNumber: PhoneNumberRow; receipt: Receipt }
  | InvalidRefusal
  | MissingRefusal
  | StaleRefusal

/**
 * The number that is named, held together with its account until the transaction ends. The account comes first, as it does for everybody:
 * nobody waits in a circle.
 */
const standingNumber = async (
  tx: Transaction,
  orgId: string,
  { id, expectedVersion }: NumberAsk,
): Promise<PhoneNumberRow | MissingRefusal | StaleRefusal> => {
  const [named] = isId(id) ? await numbersById(tx, orgId, [id]) : []
  if (!named) return missing('The telephone number')
  await lockAccount(tx, orgId, named.ban)
  const [number] = await lockNumbers(tx, orgId, [id])
  if (!number) return missing('The telephone number')
  return typeof expectedVersion === 'number' && expectedVersion !== number.version
    ? stale('The telephone number', number.version)
    : number
}

/**
 * Changes one number, in a transaction of its own. One that is over stays as it was.
 * @param judge answers the number as it shall be; the very number it was given changes nothing
 */
export const changeOne = (
  ctx: Context,
  action: string,
  ask: NumberAsk,
  judge: (number: PhoneNumberRow, tx: Transaction, at: Date) => Promise<PhoneNumberRow | InvalidRefusal>,
): Promise<NumberAnswer> =>
  ctx.write(async (tx) => {
    const before = await standingNumber(tx, ctx.orgId, ask)
    if ('__typename' in before) return before
    if (!isInUse(before))
      return invalid(
        'id',
        'The number is over: it was given back, or has gone to another carrier.',
        'NUMBER_OVER',
      )
    const at = ctx.clock.now()
    const after = await judge(before, tx, at)
    if ('__typename' in after) return after
    const [phoneNumber] =
      after === before ? [before] : await keepNumbers(tx, { ...ctx, action, at }, [{ before, after }])
    return { phoneNumber: phoneNumber!, receipt: await receiptOf(tx) }
  })
