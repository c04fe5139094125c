import { define } from '#kernel/errors.ts'

/** Somebody saved another mapping while records were being written by the old one. */
export const MappingMoved = define('HUB_MAPPING_MOVED', {
  status: 503,
  retry: 'now',
  says: 'The mapping was changed meanwhile. Nothing is lost: the records are read again by the new one.',
})
