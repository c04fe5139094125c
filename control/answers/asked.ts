import { isId } from '#kernel/ids.ts'

const NOTHING = '00000000-0000-0000-0000-000000000000'

/** An id that somebody named, if they did: one that cannot be ours is nobody's. */
export const own = (id: string | null | undefined): string | undefined =>
  id ? (isId(id) ? id : NOTHING) : undefined
