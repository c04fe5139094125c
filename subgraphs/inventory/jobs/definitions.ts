import { forgetHistory, keepSchedules } from '#service/clock-jobs.ts'

export const definitions = [keepSchedules, forgetHistory]
