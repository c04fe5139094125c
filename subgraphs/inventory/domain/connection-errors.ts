import { define } from '#kernel/errors.ts'

/** The key was changed while something was done with the one before: it is done again with the new one. */
export const KeyChanged = define('HUB_CONNECTION_KEY_CHANGED', {
  status: 503,
  retry: 'now',
  says: 'The key of the connection was changed meanwhile. Its work goes on with the new one by itself.',
})

/** An address that is not called, whoever asks. */
export const AddressRefused = define('HUB_ADDRESS_REFUSED', {
  status: 422,
  retry: 'never',
  says: 'This address of C3 is not called: {reason}. Check it, or let whoever runs the hub name it in C3_URL.',
})
