import Big from 'big.js'
import { idFrom, isId, newId } from '#kernel/ids.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { baseNumber } from '../domain/part-numbers.ts'
import {
  NOTHING,
  type RecommendationKind,
  type Reconciled,
  reconcile,
  SAYING,
} from '../domain/recommendations.ts'
import { awaitAdvising } from '../store/advice-due.ts'
import { type ComponentNaming, componentsByBase } from '../store/components.ts'
import { countingAmong, writeReconciled } from '../store/recommendations.ts'
import { linesOf, type RfqLineRow } from '../store/rfq-lines.ts'
import { type RfqRow, rfqsById } from '../store/rfqs.ts'
import { tellChanged } from './advise.ts'
import { type Pushed, sendOut } from './push-recommendations.ts'

const MOST = 100
const LONGEST = 2_000
/** What C3 takes: fourteen digits, and four behind the point. */
const MOST_MONEY = new Big('99999999999999.9999')

export interface Given {
  kind: RecommendationKind
  partNumber: string
  price?: string | null
  alternativePartNumber?: string | null
  saving?: string | null
  confidence?: number | null
  reasoning: string
}

/** Keeps what somebody recommends for a request, and has C3 written it. What was given before is neither kept nor written again. */
export const giveRecommendations = (
  ctx: Context,
  { rfqId, recommendations }: { rfqId: string; recommendations: readonly Given[] },
): Promise<Pushed | MissingRefusal | InvalidRefusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const unfit = refuse(recommendations)
    if (unfit) return unfit
    const [rfq] = isId(rfqId) ? await rfqsById(tx, orgId, [rfqId]) : []
    if (!rfq) return missing('The request for prices')
    await awaitAdvising(tx, orgId)
    const lines = await linesOf(tx, orgId, [rfq.id])
    const numbers = recommendations.flatMap((each) => [
      each.partNumber,
      each.alternativePartNumber ?? each.partNumber,
    ])
    const known = await componentsByBase(tx, orgId, [...new Set(numbers.map(baseNumber))])
    const all = recommendations.map((each) => asCandidate(each, { rfq, lines, known, by: principal.id }))
    // Of what is said twice about the same, the last word holds.
    const given = new Map(all.map((each) => [each.subject, each]))
    const subjects = [...given.keys()]
    const { made } = reconcile(
      [...given.values()].map((each) => ({ ...each, advise: () => each })),
      await countingAmong(tx, orgId, subjects),
    )
    const named = made.map((each) => ({ ...each, id: newId(clock) }))
    const changed = await writeReconciled(tx, orgId, { made: named, expired: [] }, principal.id, clock.now())
    await tellChanged(tx, orgId, changed, clock.now())
    const now = new Map((await countingAmong(tx, orgId, subjects)).map(({ subject, id }) => [subject, id]))
    const ids = subjects.flatMap((subject) => now.get(subject) ?? [])
    return await sendOut(tx, ctx, rfq, ids, 'giveRecommendations')
  })

const refuse = (recommendations: readonly Given[]): InvalidRefusal | null => {
  if (recommendations.length === 0 || recommendations.length > MOST)
    return invalid('recommendations', `Give from 1 to ${MOST} recommendations.`)
  for (const [n, each] of recommendations.entries()) {
    const at = (field: string, message: string) => invalid(`recommendations.${n}.${field}`, message)
    const { kind, partNumber, price, alternativePartNumber, saving, confidence, reasoning } = each
    if (kind !== 'PRICING' && kind !== 'ALTERNATIVE') return at('kind', 'It is PRICING or ALTERNATIVE.')
    if (!partNumber.trim() || partNumber.length > 100) return at('partNumber', 'Name the part by its number.')
    if (!reasoning.trim() || reasoning.length > LONGEST)
      return at('reasoning', `Say why, in at most ${LONGEST} letters.`)
    if (confidence != null && !(confidence >= 0 && confidence <= 100))
      return at('confidence', 'It is from 0 to 100.')
    if (kind === 'PRICING' && (price == null || new Big(price).lt(0) || new Big(price).gt(MOST_MONEY)))
      return at('price', 'Say the price of one; it is not below nought.')
    if (kind === 'ALTERNATIVE' && (!alternativePartNumber?.trim() || alternativePartNumber.length > 100))
      return at('alternativePartNumber', 'Name the part that can stand in by its number.')
    if (kind === 'ALTERNATIVE' && (saving == null || new Big(saving).abs().gt(MOST_MONEY)))
      return at('saving', 'Say what is saved per piece.')
  }
  return null
}

const asCandidate = (
  given: Given,
  around: { rfq: RfqRow; lines: readonly RfqLineRow[]; known: readonly ComponentNaming[]; by: string },
): Reconciled['made'][number] => {
  const { rfq, lines, known, by } = around
  const { kind, partNumber, alternativePartNumber, confidence, reasoning } = given
  const named = (text: string) => known.filter(({ base }) => base === baseNumber(text))
  const line = lines.find((each) => baseNumber(each.partNumber) === baseNumber(partNumber))
  const only = (all: readonly ComponentNaming[]) => (all.length === 1 ? all[0] : undefined)
  const alternative = alternativePartNumber ? only(named(alternativePartNumber)) : undefined
  const amount = new Big((kind === 'PRICING' ? given.price : given.saving) ?? 0).toFixed(4)
  const range = kind === 'PRICING' ? { low: amount, high: amount } : {}
  return {
    ...{ ...NOTHING, ...SAYING, kind, connectionId: rfq.connectionId, reasoning },
    subject: `GIVEN ${by} ${rfq.id} ${kind} ${baseNumber(partNumber)} ${baseNumber(alternativePartNumber ?? '')}`,
    ...{
      method: 'GIVEN',
      methodVersion: 1,
      fingerprint: idFrom('given', amount, String(confidence), reasoning),
    },
    ...{ rfqId: rfq.id, c3RfqId: rfq.c3RfqId, line: line?.line ?? null, partNumber },
    componentId: line?.componentId ?? only(named(partNumber))?.id ?? null,
    alternativeId: alternative?.id ?? null,
    alternativePartNumber:
      kind === 'ALTERNATIVE' ? (alternative?.partNumber ?? alternativePartNumber ?? null) : null,
    alternativeManufacturer: alternative?.manufacturer ?? null,
    ...{ amount, ...range, currency: rfq.currency, confidence: Math.round(confidence ?? 50), evidence: [] },
  }
}
