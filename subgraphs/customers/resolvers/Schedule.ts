import type { ScheduleResolvers } from '#schema/generated/customers.types.ts'
import { cadenceWords } from '../domain/cadence-words.ts'

export const Schedule: ScheduleResolvers = {
  name: (schedule) => schedule.name as 'CHANGES' | 'RECONCILE' | 'RETENTION',
  cadence: cadenceWords,
  paused: ({ pausedBecause }) => pausedBecause !== null,
  nextAt: ({ nextAt, pausedBecause }) => (pausedBecause === null ? nextAt : null),
}
