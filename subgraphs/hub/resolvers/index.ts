import type { Resolvers } from '#schema/generated/hub.types.ts'
import { runTimes } from '#service/run-times.ts'
import { ApiKey } from './ApiKey.ts'
import { AuditActor, AuditEntry } from './audit.ts'
import { C3Integration, HubSpotIntegration, Integration } from './Integration.ts'
import { LogLevelSetting } from './log-levels.ts'
import { Mutation } from './Mutation.ts'
import { Organisation } from './Organisation.ts'
import { Query } from './Query.ts'
import { Subscription } from './Subscription.ts'

export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  ApiKey,
  AuditActor,
  AuditEntry,
  LogLevelSetting,
  Organisation,
  Integration,
  HubSpotIntegration,
  C3Integration,
  SyncRun: runTimes,
}
