import type {
  LogLevel,
  LogLevelSettingResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/hub.types.ts'
import { setLogLevel } from '../commands/set-log-level.ts'
import { type LogLevelSettingRow, logLevels } from '../store/log-levels.ts'

export const logLevelQueries = {
  logLevels: (_, _args, { db, orgId, clock }) => db.read(orgId, (tx) => logLevels(tx, orgId, clock.now())),
} satisfies QueryResolvers

export const logLevelMutations = {
  setLogLevel: (_, { area, level, until }, ctx) =>
    setLogLevel(ctx, { area, level: level.toLowerCase() as LogLevelSettingRow['level'], until }),
} satisfies MutationResolvers

export const LogLevelSetting: LogLevelSettingResolvers = {
  level: ({ level }) => level.toUpperCase() as LogLevel,
}
