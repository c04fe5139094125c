import type { Clock } from '#kernel/clock.ts'
import type { NewNumber, UnpricedNumber } from '../domain/asset.ts'
import { numberPrice } from '../domain/rate-plans.ts'
import { accountPlansOn } from '../store/rate-plans.ts'
import type { Transaction } from '../store/transaction.ts'

/** Says what numbers cost that an account is given without a price: what its rate plan says now. One statement, where any lacks one. */
export const priceNumbers = async (
  tx: Transaction,
  { orgId, clock }: { orgId: string; clock: Clock },
  ban: string,
  numbers: readonly UnpricedNumber[],
): Promise<NewNumber[]> => {
  const isPriced = numbers.every(({ monthlyCost }) => typeof monthlyCost === 'string')
  const [plan] = isPriced ? [] : await accountPlansOn(tx, orgId, [ban], clock.now())
  return numbers.map((number) => ({
    ...number,
    monthlyCost: number.monthlyCost ?? numberPrice(number.type, plan?.terms),
  }))
}
