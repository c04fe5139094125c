import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import {
  type DecidedRules,
  decidedWith,
  differingFields,
  faultOfGoldenRules,
  type GoldenField,
  type GoldenRule,
  rulesWith,
  SHOWN_AS,
} from '../domain/golden.ts'
import {
  askFollowing,
  FIRST_RULES,
  type GoldenVersionRow,
  goldenVersion,
  insertGolden,
  newestGolden,
} from '../store/golden-rules.ts'
import { lockIdentities } from '../store/identities.ts'
import type { Transaction } from '../store/transaction.ts'

type Answer = Refusal | { receipt: Receipt }

/**
 * Decides how values of customers are chosen. Customers follow in the background (`follow-golden-rules.ts`). Deciding what is decided
 * already changes nothing.
 */
export const setGoldenRules = (
  ctx: Context,
  ask: { expectedVersion: number; rules: readonly (GoldenRule & { field: GoldenField })[] },
): Promise<Answer> =>
  ctx.write(async (tx) => {
    const held = await lockGolden(tx, ctx.orgId)
    const version = held?.version ?? FIRST_RULES
    if (version !== ask.expectedVersion) return stale('The rules', version)
    const fault = faultOfGoldenRules(ask.rules)
    if (fault) return invalid('rules', fault)
    await decide(tx, ctx, 'setGoldenRules', held, {
      rules: decidedWith(held?.rules ?? {}, ask.rules),
      takenFrom: null,
    })
    return { receipt: await receiptOf(tx) }
  })

/** Takes the rules of an earlier version again, as a new one. */
export const restoreGoldenRules = (
  ctx: Context,
  ask: { expectedVersion: number; version: number },
): Promise<Answer> =>
  ctx.write(async (tx) => {
    const held = await lockGolden(tx, ctx.orgId)
    const version = held?.version ?? FIRST_RULES
    if (version !== ask.expectedVersion) return stale('The rules', version)
    const rules = await goldenVersion(tx, ctx.orgId, ask.version)
    if (!rules) return missing('This version of the rules')
    await decide(tx, ctx, 'restoreGoldenRules', held, { rules, takenFrom: ask.version })
    return { receipt: await receiptOf(tx) }
  })

/**
 * The newest rules, while nobody else changes them or who is who: whoever writes customers by the rules that hold now has committed, and
 * whoever begins after this reads the new ones.
 */
const lockGolden = async (tx: Transaction, orgId: string): Promise<GoldenVersionRow | undefined> => {
  await lockIdentities(tx, orgId)
  return newestGolden(tx, orgId)
}

const decide = async (
  tx: Transaction,
  { orgId, principal, clock }: Context,
  action: string,
  held: GoldenVersionRow | undefined,
  after: { rules: DecidedRules; takenFrom: number | null },
): Promise<void> => {
  const before = held?.rules ?? {}
  const fields = differingFields(before, after.rules)
  if (fields.length === 0) return
  const at = clock.now()
  const version = (held?.version ?? FIRST_RULES) + 1
  await insertGolden(tx, orgId, {
    ...{ version, rules: after.rules, set_at: at, taken_from: after.takenFrom },
    set_by: `${principal.kind} ${principal.id}`,
  })
  await askFollowing(tx, orgId, version, at)
  const shown = (rules: DecidedRules) =>
    Object.fromEntries(
      fields.map((field) => {
        const { choose, systems } = rulesWith(rules)[field]
        return [SHOWN_AS[field], `${choose} of ${systems.join(', ')}`]
      }),
    )
  await audit(tx, {
    ...{ orgId, principal, action, at },
    subject: { type: 'GoldenRules', id: orgId },
    before: { version: version - 1, rules: shown(before) },
    after: { version, rules: shown(after.rules) },
  })
}
