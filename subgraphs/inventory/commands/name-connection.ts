import { chosen } from '#service/choosing.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'

/** The connection that somebody means: the one named, or the only one there is. Ended ones are not there. */
export const namedConnection = async (
  ctx: Context,
  wanted: string | null,
): Promise<IntegrationRow | InvalidRefusal | MissingRefusal> => {
  const all = await ctx.db.read(ctx.orgId, (tx) => integrationsOf(tx, ctx.orgId))
  const found = chosen(
    all.filter((row) => !row.disconnectedAt),
    wanted,
  )
  if (found === 'ambiguous') return invalid('integrationId', 'There are several C3 connections: name one.')
  return found ?? missing('The C3 connection')
}
