import { schedulesOf as listSchedules, shownSchedule } from '#sync/schedules.ts'

export type ScheduleRow = ReturnType<typeof shownSchedule>

/** What is done by the clock for connections, by name: one statement. */
export const schedulesOf = async (
  tx: object,
  orgId: string,
  connectionIds: readonly string[],
): Promise<ScheduleRow[]> => (await listSchedules(tx, orgId, connectionIds)).map(shownSchedule)
