import { isId } from '#kernel/ids.ts'
import { DECISIONS_KEPT_MS } from '#sync/retention.ts'
import { type ExamplePage, type Simulated, simulate } from '#sync/simulate.ts'
import type { Context } from '../context.ts'
import { changeRules, type PolicyChange, type PolicyFault } from '../domain/changing-policy.ts'
import { moneyFields, tableOf } from '../domain/policy.ts'
import { integrationsOf } from '../store/integrations.ts'
import { mappingsOf, overridesOf } from '../store/mappings.ts'
import { policyOf } from '../store/policies.ts'

/** What a changed policy would have decided. */
export interface Simulation extends Simulated {
  /** The version that the changes were tried on. */
  version: number
  since: Date
  until: Date
}

/** Makes the decisions of a while again under a changed policy. Nothing is changed. */
export const simulatePolicy = (
  ctx: Context,
  ask: { integrationId: string; change: PolicyChange; since: Date | null; until: Date | null },
  examples: ExamplePage,
): Promise<{ missing: true } | { fault: PolicyFault } | Simulation> =>
  ctx.db.read(ctx.orgId, async (tx) => {
    const { orgId, clock } = ctx
    const { integrationId } = ask
    const [integration] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!integration) return { missing: true }
    const { version, rules } = await policyOf(tx, { orgId, integrationId })
    const money = moneyFields(overridesOf(await mappingsOf(tx, orgId, [integrationId])))
    const changed = changeRules(rules, ask.change, money)
    if ('fault' in changed) return changed
    const until = ask.until ?? clock.now()
    const since = ask.since ?? new Date(clock.now().getTime() - DECISIONS_KEPT_MS)
    const table = tableOf({ version, rules: changed.rules }, money)
    const window = { orgId, connectionId: integrationId, since, until }
    return { version, since, until, ...(await simulate(tx, window, table, examples)) }
  })
