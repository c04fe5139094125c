import { isDeepStrictEqual } from 'node:util'
import { isId, newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import {
  type InvalidRefusal,
  invalid,
  type MissingRefusal,
  missing,
  type StaleRefusal,
  stale,
} from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { flawInTerms, type NewTerms, termsOf } from '../domain/rate-plans.ts'
import {
  addVersion,
  insertRatePlan,
  lockRatePlan,
  type RatePlanRow,
  retirePlan,
} from '../store/rate-plans.ts'
import type { Transaction } from '../store/transaction.ts'

/** A rate plan as it is now. */
export interface PlanChanged {
  plan: RatePlanRow
  receipt: Receipt
}

const MOST_LETTERS = 100

const unsound = (terms: NewTerms): InvalidRefusal | null => {
  const flaw = flawInTerms(terms)
  return flaw && invalid(flaw.field, `${flaw.field} ${flaw.problem}.`)
}

const settle = async (
  ctx: Context,
  tx: Transaction,
  { action, before, after }: { action: string; before?: RatePlanRow; after: RatePlanRow },
): Promise<PlanChanged> => {
  await audit(tx, {
    ...{ orgId: ctx.orgId, principal: ctx.principal, action, at: ctx.clock.now() },
    subject: { type: 'RatePlan', id: after.id },
    ...(before ? { before: { ...before } } : {}),
    after: { ...after },
  })
  return { plan: after, receipt: await receiptOf(tx) }
}

/** Makes a rate plan with its first version. */
export const createRatePlan = (
  ctx: Context,
  { name, currency, terms }: { name: string; currency: string; terms: NewTerms },
): Promise<PlanChanged | InvalidRefusal> =>
  ctx.write(async (tx) => {
    const called = name.trim()
    if (called === '' || called.length > MOST_LETTERS)
      return invalid('name', `A name has 1 to ${MOST_LETTERS} characters.`)
    if (!/^[A-Z]{3}$/.test(currency))
      return invalid('currency', 'The currency is a three-letter code such as USD.')
    const refusal = unsound(terms)
    if (refusal) return refusal
    const plan = {
      ...{ id: newId(ctx.clock), name: called, currency, version: 1, terms: termsOf(currency, terms) },
      createdAt: ctx.clock.now(),
    }
    if (!(await insertRatePlan(tx, ctx.orgId, plan)))
      return invalid(
        'name',
        'Another rate plan has this name. Change that one, or take another name.',
        'NAME_TAKEN',
      )
    return settle(ctx, tx, { action: 'createRatePlan', after: { ...plan, retiredAt: null } })
  })

/** Gives a rate plan a new version. Terms that say what the newest version says already make none. */
export const changeRatePlan = (
  ctx: Context,
  {
    id,
    terms,
    expectedVersion,
  }: { id: string; terms: NewTerms; expectedVersion?: number | null | undefined },
): Promise<PlanChanged | InvalidRefusal | MissingRefusal | StaleRefusal> =>
  ctx.write(async (tx) => {
    const refusal = unsound(terms)
    if (refusal) return refusal
    const before = isId(id) ? await lockRatePlan(tx, ctx.orgId, id) : undefined
    if (!before) return missing('The rate plan')
    if (typeof expectedVersion === 'number' && expectedVersion !== before.version)
      return stale('The rate plan', before.version)
    if (before.retiredAt)
      return invalid('id', 'The rate plan is retired: it changes no more. Make another one.', 'PLAN_RETIRED')
    const said = termsOf(before.currency, terms)
    if (isDeepStrictEqual(said, before.terms)) return { plan: before, receipt: await receiptOf(tx) }
    const [version, createdAt] = [before.version + 1, ctx.clock.now()]
    await addVersion(tx, ctx.orgId, { planId: before.id, version, terms: said, createdAt })
    return settle(ctx, tx, { action: 'changeRatePlan', before, after: { ...before, version, terms: said } })
  })

/** Lets no more accounts be put on a rate plan. Retired already, it stays so. */
export const retireRatePlan = (ctx: Context, id: string): Promise<PlanChanged | MissingRefusal> =>
  ctx.write(async (tx) => {
    const before = isId(id) ? await lockRatePlan(tx, ctx.orgId, id) : undefined
    if (!before) return missing('The rate plan')
    if (before.retiredAt) return { plan: before, receipt: await receiptOf(tx) }
    const retiredAt = ctx.clock.now()
    await retirePlan(tx, ctx.orgId, before.id, retiredAt)
    return settle(ctx, tx, { action: 'retireRatePlan', before, after: { ...before, retiredAt } })
  })
