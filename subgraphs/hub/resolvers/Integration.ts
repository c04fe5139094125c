import type {
  C3IntegrationResolvers,
  HubSpotIntegrationResolvers,
  IntegrationResolvers,
} from '#schema/generated/hub.types.ts'
import { connection, keyset, type PageArgs } from '#service/connection.ts'
import type { Context } from '../context.ts'
import { placeOf, runsPage } from './runs-page.ts'

export const Integration: IntegrationResolvers = {
  __resolveType: ({ system }) => (system === 'C3' ? 'C3Integration' : 'HubSpotIntegration'),
}

const syncRuns = async ({ id }: { id: string }, args: PageArgs, ctx: Context) => {
  const page = keyset(args, 2)
  return connection((await ctx.syncRuns.load(id, runsPage(page))) ?? [], page, placeOf)
}

export const HubSpotIntegration: HubSpotIntegrationResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.integrations.load(id),
  syncRuns,
}

export const C3Integration: C3IntegrationResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.integrations.load(id),
  syncRuns,
}
