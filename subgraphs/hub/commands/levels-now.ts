import type { Context } from '../context.ts'
import { levelsOfAll } from '../store/log-levels.ts'

/** From which level on areas of the log are written in every process, whoever has asked for it; the most telling first. */
export const levelsNow = async ({
  db,
  clock,
}: Pick<Context, 'db' | 'clock'>): Promise<{ area: string; level: string }[]> => {
  const rows = await db.relay((tx) => levelsOfAll(tx, clock.now()))
  return rows.map(({ area, level }) => ({ area, level }))
}
