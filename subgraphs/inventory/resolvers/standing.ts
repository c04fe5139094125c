import type { Context } from '../context.ts'
import type { Standing } from '../store/standings.ts'

/** How a record stands towards C3, of which nobody has noted anything where it was never linked. */
export const standingOf = async (
  { standings }: Pick<Context, 'standings'>,
  { id, c3LastSync }: { id: string; c3LastSync: Date },
): Promise<Standing> =>
  (await standings.load(id)) ?? { state: 'SYNCED', isContested: false, syncedAt: c3LastSync }
