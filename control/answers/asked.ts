import { isId, NO_ID } from '#kernel/ids.ts'

/** An id that somebody named, if they did: one that cannot be ours is nobody's. */
export const own = (id: string | null | undefined): string | undefined =>
  id ? (isId(id) ? id : NO_ID) : undefined
