import { BadInput } from '#kernel/errors.ts'

const MOST_ALTERNATIVES = 20

/** Refuses what no alternatives can be found for. Throws BAD_INPUT. */
export const refuseAlternatives = (quantity: number, first: number): void => {
  if (!Number.isInteger(quantity) || quantity < 1)
    throw BadInput.with({ reason: 'quantity must be a whole number from 1 on' })
  if (!Number.isInteger(first) || first < 1 || first > MOST_ALTERNATIVES)
    throw BadInput.with({ reason: `first must be a whole number from 1 to ${MOST_ALTERNATIVES}` })
}

/** Refuses a service level that no stock can be planned for. Throws BAD_INPUT. */
export const refuseServiceLevel = (serviceLevel: number): void => {
  if (!(serviceLevel >= 0.5 && serviceLevel <= 0.999))
    throw BadInput.with({ reason: 'serviceLevel must be from 0.5 to 0.999' })
}
