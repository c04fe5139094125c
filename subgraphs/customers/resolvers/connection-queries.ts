import type { QueryResolvers } from '#schema/generated/customers.types.ts'
import { connection, keyset, type PageArgs } from '#service/connection.ts'
import { isRefusal } from '#service/refusal.ts'
import { previewInclusion } from '../commands/preview-inclusion.ts'
import type { Context } from '../context.ts'
import { type IntegrationRow, integrationsPage } from '../store/integrations.ts'

const page = async (args: PageArgs, ended: boolean, ctx: Context) => {
  const asked = keyset(args, 2)
  const rows = await ctx.db.read(ctx.orgId, (tx) => integrationsPage(tx, ctx.orgId, { ended, ...asked }))
  return connection<IntegrationRow>(rows, asked, (row) => [row.created_at.toISOString(), row.id])
}

/** Connections, in our words and in those of an earlier product. */
export const connectionQueries = {
  hubspotIntegrations: async (_, { ended, ...args }, ctx) => {
    const found = await page(args, ended, ctx)
    const named = ({ id }: { id: string }) => ({ __typename: 'HubSpotIntegration' as const, id })
    return {
      ...found,
      nodes: found.nodes.map(named),
      edges: found.edges.map(({ node, cursor }) => ({ node: named(node), cursor })),
    }
  },
  previewInclusion: async (_, { integrationId, inclusion }, ctx) => {
    const preview = await previewInclusion(ctx, { integrationId, rules: inclusion })
    return isRefusal(preview) ? preview : { __typename: 'InclusionPreview', types: preview }
  },
  crmIntegrations: (_, args, ctx) => page(args, false, ctx),
} satisfies QueryResolvers
