import { newId } from '#kernel/ids.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { e164, flawInNumber, type NewNumber, type UnpricedNumber } from '../domain/asset.ts'
import type { NumberOrigin, NumberStatus } from '../domain/numbers.ts'
import { accountsByBan, lockAccount } from '../store/accounts.ts'
import { trunksByName } from '../store/assets.ts'
import { lockNumbering, type PhoneNumberRow, takenNumbers } from '../store/numbers.ts'
import type { Transaction } from '../store/transaction.ts'
import { priceNumbers } from './price-numbers.ts'

/** The row of a new telephone number. */
export const numberRow = (
  ctx: Pick<Context, 'clock'>,
  account: { ban: string; currency: string },
  number: NewNumber,
  trunkId: string | null,
  at: Date,
  as: { status: NumberStatus; origin: NumberOrigin } = { status: 'ACTIVE', origin: 'PURCHASED' },
): PhoneNumberRow => ({
  id: newId(ctx.clock),
  ban: account.ban,
  trunkId,
  number: e164(number.number)!,
  type: number.type,
  capabilities: [...new Set(number.capabilities)],
  monthlyCost: number.monthlyCost,
  currency: account.currency,
  cnam: number.cnam || null,
  ...as,
  ...{ portedAt: null, releasedAt: null, respOrg: 'NONE' },
  ...{ e911Status: 'NONE', e911Address: null, e911Hash: null, e911Reason: null },
  version: 1,
  createdAt: at,
  updatedAt: at,
})

/**
 * The rows of numbers that an account shall be given, not written yet. Without a price each costs what the account's rate plan says. From here on nobody else in the organisation is given any until
 * the transaction ends.
 * @param fieldOf what a refusal calls the field of one of them
 */
export const newNumbers = async (
  tx: Transaction,
  ctx: Pick<Context, 'orgId' | 'clock'>,
  ban: string,
  asked: {
    numbers: readonly UnpricedNumber[]
    status: NumberStatus
    origin: NumberOrigin
    fieldOf: (place: number, field: string) => string
  },
): Promise<PhoneNumberRow[] | InvalidRefusal | MissingRefusal> => {
  const { status, origin, fieldOf } = asked
  const numbers = await priceNumbers(tx, ctx, ban, asked.numbers)
  const refused = (place: number, field: string, problem: string, code?: string) =>
    invalid(fieldOf(place, field), `${fieldOf(place, field)} ${problem}.`, code)
  for (const [place, number] of numbers.entries()) {
    const flaw = flawInNumber(number)
    if (flaw) return refused(place, flaw.field, flaw.problem)
  }
  const wanted = numbers.map(({ number }) => e164(number)!)
  const twice = wanted.findIndex((number, place) => wanted.indexOf(number) < place)
  if (twice !== -1) return refused(twice, 'number', 'is named twice')
  await lockNumbering(tx, ctx.orgId)
  const [account] = (await lockAccount(tx, ctx.orgId, ban)) ? await accountsByBan(tx, ctx.orgId, [ban]) : []
  if (!account) return missing('The billing account')
  if (account.status === 'CHURNED')
    return invalid('ban', 'The account has left us: it gets no numbers any more.', 'ACCOUNT_OVER')
  const taken = await takenNumbers(tx, ctx.orgId, wanted)
  const clash = wanted.findIndex((number) => taken.has(number))
  if (clash !== -1)
    return refused(
      clash,
      'number',
      'is in use: it belongs to an account, or is on its way to one',
      'NUMBER_IN_USE',
    )
  const names = numbers.flatMap(({ trunkName }) => (trunkName ? [trunkName] : []))
  const trunks = names.length > 0 ? await trunksByName(tx, ctx.orgId, ban, names) : new Map<string, string>()
  const lost = numbers.findIndex(({ trunkName }) => trunkName && !trunks.has(trunkName))
  if (lost !== -1) return refused(lost, 'trunkName', 'names no trunk of this account')
  const at = ctx.clock.now()
  return numbers.map((number) =>
    numberRow(ctx, account, number, trunks.get(number.trunkName ?? '') ?? null, at, { status, origin }),
  )
}
