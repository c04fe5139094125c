import { BadInput } from '#kernel/errors.ts'

const MOST_DAYS = 3_660

/** Refuses a time that cannot be looked back. Throws BAD_INPUT. */
export const refuseDays = (days: number): void => {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw BadInput.with({ reason: `days must be a whole number from 1 to ${MOST_DAYS}` })
}
