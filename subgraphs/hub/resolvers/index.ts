import type { Resolvers } from '#schema/generated/hub.types.ts'
import { runTimes } from '#service/run-times.ts'
import { ApiKey } from './api-keys.ts'
import { AuditActor, AuditEntry, Customer } from './audit.ts'
import { Conversation } from './conversations.ts'
import { C3Integration, HubSpotIntegration, Integration } from './Integration.ts'
import { viewerLimits } from './limits.ts'
import { LogLevelSetting } from './log-levels.ts'
import { Mutation } from './Mutation.ts'
import { Member, viewerMemberships } from './members.ts'
import { Organisation } from './Organisation.ts'
import { Query } from './Query.ts'
import { Subscription } from './Subscription.ts'
import { PartnerDelivery, PartnerWebhook } from './webhooks.ts'

export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  ApiKey,
  Conversation,
  Member,
  Viewer: { ...viewerLimits, ...viewerMemberships },
  AuditActor,
  AuditEntry,
  Customer,
  LogLevelSetting,
  Organisation,
  Integration,
  HubSpotIntegration,
  C3Integration,
  SyncRun: runTimes,
  PartnerWebhook,
  PartnerDelivery,
}
