import { define } from '#kernel/errors.ts'

/** C3 does not hold what was to be held for a request. */
export const NotHeldInC3 = define('HUB_C3_NOT_ENOUGH_STOCK', {
  status: 409,
  retry: 'never',
  says: 'C3 has not enough of a stock row that was to be held for the request. What was promised here was given back.',
})

/** C3 does not let a request go where it was to go. */
export const NotAllowedInC3 = define('HUB_C3_STATUS_NOT_ALLOWED', {
  status: 409,
  retry: 'never',
  says: 'C3 does not let the request go there. It stands here as it stands in C3.',
})
