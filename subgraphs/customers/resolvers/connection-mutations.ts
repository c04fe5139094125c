import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { isRefusal } from '#service/refusal.ts'
import { beginConnection } from '../commands/begin-connection.ts'
import { changeConnection } from '../commands/change-connection.ts'
import { checkCredentials } from '../commands/check-credentials.ts'
import { connectWithToken } from '../commands/connect-with-token.ts'
import { disconnectPortal } from '../commands/disconnect-portal.ts'
import { pauseIntegration, resumeIntegration } from '../commands/pause-integration.ts'
import { crmAsk } from '../domain/crm-words.ts'

const changed = <T extends { integrationId: string }>({ integrationId, ...rest }: T) => ({
  ...rest,
  integration: { __typename: 'HubSpotIntegration' as const, id: integrationId },
})

/** Connecting portals, and how they are kept in step. */
export const connectionMutations = {
  connectHubSpot: async (_, { input }, ctx) => {
    const { name = null, capabilities = null, integrationId = null } = input
    const begun = await beginConnection(ctx, { name, capabilities, integrationId })
    return isRefusal(begun) ? begun : { __typename: 'ConnectionBegun', ...begun }
  },

  connectHubSpotWithToken: async (_, { input }, ctx) => {
    const { accessToken, refreshToken = null, integrationId = null, settings, name } = input
    const asked = { ...settings, ...(name ? { name } : {}) }
    const connected = await connectWithToken(ctx, {
      accessToken,
      refreshToken,
      integrationId,
      settings: asked,
    })
    return isRefusal(connected)
      ? connected
      : { __typename: 'HubSpotConnected', success: true, ...changed(connected) }
  },

  connectCrm: async (_, { input }, ctx) => {
    const ask = crmAsk(input)
    const connected = isRefusal(ask) ? ask : await connectWithToken(ctx, ask)
    if (isRefusal(connected)) return connected
    const row = await ctx.integrations.load(connected.integrationId)
    return { __typename: 'CrmConnected', success: true, integration: row as NonNullable<typeof row> }
  },

  changeConnection: async (_, { integrationId, input, expectedVersion }, ctx) => {
    const answer = await changeConnection(ctx, { integrationId, settings: input, expectedVersion })
    return isRefusal(answer) ? answer : { __typename: 'ConnectionChanged', ...changed(answer) }
  },

  pauseIntegration: async (_, { integrationId, direction, type }, ctx) => {
    const answer = await pauseIntegration(ctx, { integrationId, direction, type: type ?? null })
    return isRefusal(answer) ? answer : { __typename: 'ConnectionChanged', ...changed(answer) }
  },

  resumeIntegration: async (_, { integrationId, direction, type }, ctx) => {
    const answer = await resumeIntegration(ctx, { integrationId, direction, type: type ?? null })
    return isRefusal(answer) ? answer : { __typename: 'ConnectionChanged', ...changed(answer) }
  },

  validateCredentials: async (_, { integrationId }, ctx) => {
    const answer = await checkCredentials(ctx, integrationId ?? null)
    return isRefusal(answer) ? answer : { __typename: 'CredentialsChecked', ...changed(answer) }
  },

  disconnectHubSpot: async (_, { integrationId }, ctx) => {
    const answer = await disconnectPortal(ctx, integrationId ?? null)
    return isRefusal(answer) ? answer : { __typename: 'HubSpotDisconnected', ...answer }
  },
} satisfies MutationResolvers
