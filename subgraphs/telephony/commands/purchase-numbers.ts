import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import type { UnpricedNumber } from '../domain/asset.ts'
import { MOST_NUMBERS } from '../domain/numbers.ts'
import type { PhoneNumberRow } from '../store/numbers.ts'
import { keepNumbers } from './keep-numbers.ts'
import { newNumbers } from './new-numbers.ts'

type Purchased = { phoneNumbers: PhoneNumberRow[]; receipt: Receipt }
type Refused = InvalidRefusal | MissingRefusal

/** Gives telephone numbers to an account: all of them, or none and why. */
export const purchaseNumbers = async (
  ctx: Context,
  ban: string,
  numbers: readonly UnpricedNumber[],
): Promise<Purchased | Refused> =>
  numbers.length < 1 || numbers.length > MOST_NUMBERS
    ? invalid('numbers', `numbers must be 1 to ${MOST_NUMBERS}.`)
    : purchase(ctx, ban, numbers, {
        action: 'purchasePhoneNumbers',
        fieldOf: (n, field) => `numbers.${n}.${field}`,
      })

/** Gives a telephone number to an account. */
export const purchaseNumber = async (
  ctx: Context,
  ban: string,
  number: UnpricedNumber,
): Promise<{ phoneNumber: PhoneNumberRow; receipt: Receipt } | Refused> => {
  const done = await purchase(ctx, ban, [number], {
    action: 'createPhoneNumber',
    fieldOf: (_, field) => field,
  })
  return '__typename' in done ? done : { phoneNumber: done.phoneNumbers[0]!, receipt: done.receipt }
}

const purchase = (
  ctx: Context,
  ban: string,
  numbers: readonly UnpricedNumber[],
  { action, fieldOf }: { action: string; fieldOf: (place: number, field: string) => string },
): Promise<Purchased | Refused> =>
  ctx.write(async (tx) => {
    const rows = await newNumbers(tx, ctx, ban, { numbers, fieldOf, status: 'ACTIVE', origin: 'PURCHASED' })
    if ('__typename' in rows) return rows
    const at = ctx.clock.now()
    const phoneNumbers = await keepNumbers(
      tx,
      { ...ctx, action, at },
      rows.map((after) => ({ after })),
    )
    return { phoneNumbers, receipt: await receiptOf(tx) }
  })
