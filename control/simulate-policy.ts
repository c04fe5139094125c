import { isId } from '#kernel/ids.ts'
import type { PolicyTable } from '#sync/policy.ts'
import { DECISIONS_KEPT_MS } from '#sync/retention.ts'
import { type ExamplePage, type Simulated, simulate } from '#sync/simulate.ts'
import { changeRules, type PolicyChange, type PolicyFault, type Rules } from './policy-rules.ts'
import type { Policing } from './save-policy.ts'
import type { Asking } from './vendor.ts'

/** What a changed policy would have decided. */
export interface Simulation extends Simulated {
  /** The version that the changes were tried on. */
  version: number
  since: Date
  until: Date
}

/** What trying a policy comes to. */
export type PolicyTried = { missing: true } | { fault: PolicyFault } | Simulation

/** Makes the decisions of a while again under a changed policy. Nothing is changed. */
export const simulatePolicy =
  <R extends Rules, Around>(
    vendor: Policing<R, Around> & {
      table(policy: { version: number; rules: R }, around: Around): PolicyTable
    },
  ) =>
  (
    ctx: Asking,
    ask: { integrationId: string; change: PolicyChange; since: Date | null; until: Date | null },
    examples: ExamplePage,
  ): Promise<PolicyTried> =>
    ctx.db.read(ctx.orgId, async (tx): Promise<PolicyTried> => {
      const { orgId, clock } = ctx
      const { integrationId } = ask
      const place = { orgId, integrationId }
      const around = isId(integrationId) ? await vendor.around(tx, place, false) : undefined
      if (!around) return { missing: true }
      const { version, rules } = await vendor.versions.policyOf(tx, place)
      const changed = changeRules(rules, ask.change, vendor.checks(around))
      if ('fault' in changed) return changed
      const until = ask.until ?? clock.now()
      const since = ask.since ?? new Date(clock.now().getTime() - DECISIONS_KEPT_MS)
      const table = vendor.table({ version, rules: changed.rules }, around)
      const window = { orgId, connectionId: integrationId, since, until }
      return { version, since, until, ...(await simulate(tx, window, table, examples)) }
    })
