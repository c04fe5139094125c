import type { Schedule } from '#sync/schedules.ts'

export { schedulesOf } from '#sync/schedules.ts'

export type ScheduleRow = Schedule
