import { isId } from '#kernel/ids.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type AskedRule, RULED_TYPES, ruleFault, tidied } from '../domain/changing-settings.ts'
import { propertyOf } from '../domain/settings.ts'
import { integrationsOf } from '../store/integrations.ts'
import { countByRules } from '../store/taking-part.ts'

export interface PreviewedType {
  type: string
  held: number
  leaving: number | null
  comingIn: number | null
  leavingExamples: string[]
}

/**
 * Tries rules about who takes part, without changing anything: what the hub holds is counted here, what HubSpot has by one search per
 * kind of record that is concerned.
 */
export const previewInclusion = async (
  ctx: Context,
  ask: { integrationId: string; rules: readonly AskedRule[] },
): Promise<PreviewedType[] | InvalidRefusal | MissingRefusal> => {
  const fault = ruleFault(ask.rules)
  if (fault) return invalid('inclusion', fault)
  const { orgId, portals } = ctx
  const { integrationId } = ask
  const [row] = isId(integrationId)
    ? await ctx.db.read(orgId, (tx) => integrationsOf(tx, orgId, [integrationId]))
    : []
  if (!row || row.disconnected_at) return missing('The HubSpot connection')
  const rules = ask.rules.map(tidied)
  const hubspot = await portals.open(row, { interactive: true })
  return await Promise.all(
    RULED_TYPES.filter((type) => [...rules, ...row.inclusion].some((rule) => rule.type === type)).map(
      async (type) => {
        const own = rules.filter((rule) => rule.type === type)
        const counted = await ctx.db.read(orgId, (tx) =>
          countByRules(
            tx,
            { orgId, integrationId },
            type,
            own.filter(({ by }) => by !== 'LIST'),
          ),
        )
        if (own.some(({ by }) => by === 'LIST'))
          return { type, held: counted.held, leaving: null, comingIn: null, leavingExamples: [] }
        const filters = own.map((rule) => ({
          propertyName: propertyOf(rule),
          operator: 'IN' as const,
          values: rule.values,
        }))
        const there = await hubspot.search(type, {
          ...(filters.length > 0 ? { filterGroups: [{ filters }] } : {}),
          properties: [],
          limit: 1,
        })
        return {
          type,
          held: counted.held,
          leaving: counted.held - counted.staying,
          comingIn: Math.max(0, there.total - counted.staying),
          leavingExamples: counted.examples,
        }
      },
    ),
  )
}
