import type { MutationResolvers } from '#schema/generated/inventory.types.ts'
import { isRefusal } from '#service/refusal.ts'
import { changeConnection } from '../commands/change-connection.ts'
import { checkCredentials } from '../commands/check-credentials.ts'
import { connectC3 } from '../commands/connect-c3.ts'
import { disconnectC3 } from '../commands/disconnect-c3.ts'
import { pauseConnection, resumeConnection } from '../commands/pause-connection.ts'
import { renewWebhook } from '../commands/renew-webhook.ts'
import { rotateKey } from '../commands/rotate-key.ts'

const changed = <T extends { integrationId: string }>({ integrationId, ...rest }: T) => ({
  ...rest,
  integration: { id: integrationId },
})

/** Connecting C3s, and how they are kept in step. */
export const connectionMutations = {
  connectC3: async (_, { input }, ctx) => {
    const { name = null, baseUrl, apiKey, settings } = input
    const connected = await connectC3(ctx, { name, baseUrl, apiKey, settings: settings ?? {} })
    return isRefusal(connected) ? connected : { __typename: 'C3Connected', ...changed(connected) }
  },

  rotateC3Key: async (_, { integrationId, apiKey }, ctx) => {
    const rotated = await rotateKey(ctx, { integrationId: integrationId ?? null, apiKey })
    return isRefusal(rotated) ? rotated : { __typename: 'C3Connected', ...changed(rotated) }
  },

  validateC3Credentials: async (_, { integrationId }, ctx) => {
    const answer = await checkCredentials(ctx, integrationId ?? null)
    return isRefusal(answer) ? answer : { __typename: 'C3CredentialsChecked', ...changed(answer) }
  },

  renewC3Webhook: async (_, { integrationId }, ctx) => {
    const renewed = await renewWebhook(ctx, integrationId ?? null)
    return isRefusal(renewed) ? renewed : { __typename: 'C3WebhookRenewed', ...changed(renewed) }
  },

  changeC3Connection: async (_, { integrationId, input, expectedVersion }, ctx) => {
    const answer = await changeConnection(ctx, { integrationId, settings: input, expectedVersion })
    return isRefusal(answer) ? answer : { __typename: 'C3ConnectionChanged', ...changed(answer) }
  },

  pauseC3Connection: async (_, { integrationId, direction, type }, ctx) => {
    const answer = await pauseConnection(ctx, { integrationId, direction, type: type ?? null })
    return isRefusal(answer) ? answer : { __typename: 'C3ConnectionChanged', ...changed(answer) }
  },

  resumeC3Connection: async (_, { integrationId, direction, type }, ctx) => {
    const answer = await resumeConnection(ctx, { integrationId, direction, type: type ?? null })
    return isRefusal(answer) ? answer : { __typename: 'C3ConnectionChanged', ...changed(answer) }
  },

  disconnectC3: async (_, { integrationId, keepRecords }, ctx) => {
    const answer = await disconnectC3(ctx, {
      integrationId: integrationId ?? null,
      keepsRecords: keepRecords,
    })
    return isRefusal(answer) ? answer : { __typename: 'C3Disconnected', ...answer }
  },
} satisfies MutationResolvers
