import type { Clock } from '#kernel/clock.ts'
import { likelihoodOf } from '../domain/churn.ts'
import { type Case, type Cases, isEnough, learnChurn } from '../domain/churn-model.ts'
import { HORIZON_DAYS } from '../domain/leaving.ts'
import { DAY } from '../domain/measuring.ts'
import { caseThen } from '../domain/past.ts'
import { settingsOf } from '../domain/settings.ts'
import { weeklyKinds } from '../domain/weeks.ts'
import { monthsOver, snapshotsOf } from '../store/churn-months.ts'
import { countLiving, livingAfter } from '../store/customers.ts'
import { heldModels, newestModel } from '../store/models.ts'
import { seriesOf } from '../store/series.ts'
import { heldSettings } from '../store/settings.ts'
import { signalsOf } from '../store/signals.ts'
import type { Rows } from '../store/transaction.ts'
import { holdModels } from './hold-models.ts'

/** More customers teach little more, and take memory: of more every nth is taken. */
const MOST_CUSTOMERS = 20_000
const PAGE = 250
/** Moments of the past that are looked at, a horizon apart: two years. */
const MOMENTS = 8
/** Months lie so far apart that no leaving is counted in two of them. */
const MONTHS_APART = 4

/**
 * Learns from an organisation's own customers who leaves, tries what was learned on the newest cases, and holds it when it does no worse
 * there than what was held before; else it is kept beside. Nothing is kept when too few have left.
 * @returns the version, and whether it holds; null when there was too little to learn from
 */
export const learnWhoLeft = async (
  rows: Pick<Rows, 'read' | 'transaction'>,
  { orgId, clock }: { orgId: string; clock: Clock },
  signal?: AbortSignal,
): Promise<{ version: number; isHeld: boolean } | null> => {
  const cases = (await keptCases(rows, orgId)) ?? (await toldCases(rows, orgId, clock.now(), signal))
  if (!cases || !isEnough(cases)) return null
  return rows.transaction(orgId, async (tx) => {
    const settings = settingsOf((await heldSettings(tx, orgId)).document)
    const held = (await heldModels(tx, orgId)).churn
    const { model, report, isBetter } = learnChurn(cases, likelihoodOf(held, settings.risk))
    const version = (await newestModel(tx, orgId, 'churn'))?.version ?? 0
    const learned = { name: 'churn', learned: model, report, isHeld: isBetter } as const
    await holdModels(tx, orgId, [learned], { churn: version }, clock.now())
    return { version: version + 1, isHeld: isBetter }
  })
}

const everyNth = (customers: number): number => Math.max(1, Math.ceil(customers / MOST_CUSTOMERS))

/** Cases as they were kept at the beginnings of months; null while there are too few months. They hold also what no fact says of the past. */
const keptCases = async (rows: Pick<Rows, 'read'>, orgId: string): Promise<Cases | null> => {
  const months = await rows.read(orgId, (tx) => monthsOver(tx, orgId))
  const chosen = months.filter((_, i) => i % MONTHS_APART === 0)
  if (chosen.length < 3) return null
  const chance = everyNth(await rows.read(orgId, (tx) => countLiving(tx, orgId)))
  const moments: Case[][] = []
  for (const month of chosen)
    moments.push(
      await rows.read(orgId, (tx) =>
        snapshotsOf(tx, orgId, month, { horizonDays: HORIZON_DAYS, everyNth: chance }),
      ),
    )
  return partsOf(moments)
}

/** Cases told from facts that say when something happened; a page of customers at a time. Null when it was broken off. */
const toldCases = async (
  rows: Pick<Rows, 'read'>,
  orgId: string,
  now: Date,
  signal?: AbortSignal,
): Promise<Cases | null> => {
  const chance = everyNth(await rows.read(orgId, (tx) => countLiving(tx, orgId)))
  const moments: Case[][] = Array.from({ length: MOMENTS }, () => [])
  for (let after = ''; ; ) {
    if (signal?.aborted) return null
    const page = await rows.read(orgId, async (tx) => {
      const ids = await livingAfter(tx, orgId, { after, limit: PAGE, everyNth: chance })
      return {
        ids,
        signals: await signalsOf(tx, orgId, ids),
        series: await seriesOf(tx, orgId, ids, weeklyKinds),
      }
    })
    for (const id of page.ids)
      for (const [back, cases] of moments.entries()) {
        const then = new Date(now.getTime() - (back + 1) * HORIZON_DAYS * DAY)
        const found = caseThen(page.signals.get(id) ?? [], page.series.get(id) ?? [], then)
        if (found) cases.push(found)
      }
    const last = page.ids.at(-1)
    if (last === undefined || page.ids.length < PAGE) return partsOf(moments)
    after = last
  }
}

/** The newest are tried on, the next bring in line, all others are learned from. @param moments newest first */
const partsOf = ([tried = [], calibrated = [], ...older]: readonly Case[][]): Cases => ({
  try: tried,
  calibrate: calibrated,
  learn: older.flat(),
})
