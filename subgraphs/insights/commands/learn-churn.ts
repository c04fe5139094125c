import type { Clock } from '#kernel/clock.ts'
import { likelihoodOf } from '../domain/churn.ts'
import {
  type Cases,
  type ChurnModel,
  casesOf,
  isEnough,
  learnChurn,
  type Moment,
} from '../domain/churn-model.ts'
import { HORIZON_DAYS } from '../domain/leaving.ts'
import { DAY } from '../domain/measuring.ts'
import { caseThen } from '../domain/past.ts'
import { settingsOf } from '../domain/settings.ts'
import { weeklyKinds, weeksKnownSince } from '../domain/weeks.ts'
import { monthsOver, snapshotsOf } from '../store/churn-months.ts'
import { countLiving, livingAfter } from '../store/customers.ts'
import { heldModels, newestModel } from '../store/models.ts'
import { seriesOf } from '../store/series.ts'
import { heldSettings } from '../store/settings.ts'
import { signalsOf } from '../store/signals.ts'
import type { Rows } from '../store/transaction.ts'
import { holdModels } from './hold-models.ts'
import { inTurns } from './in-turns.ts'

/** More customers teach little more, and take memory: of more every nth is taken. */
const MOST_CUSTOMERS = 20_000
const PAGE = 250
/** Moments of the past that are looked at, a horizon apart: two years. */
const MOMENTS = 8
/** Months lie so far apart that no leaving is counted in two of them. */
const MONTHS_APART = 4

/**
 * Learns from an organisation's own customers who leaves, tries what was learned on the newest cases, and holds it when it does no worse
 * there than what was held before; else it is kept beside. When too few have left, that is kept: it is looked again in a month. What takes
 * long is done in no transaction, and others have the thread between any two steps of it.
 * @returns the version, and whether it holds; null when there was too little to learn from, it was broken off, or somebody else has learned
 * meanwhile
 */
export const learnWhoLeft = async (
  rows: Pick<Rows, 'read' | 'transaction'>,
  { orgId, clock }: { orgId: string; clock: Clock },
  signal?: AbortSignal,
): Promise<{ version: number; isHeld: boolean } | null> => {
  const { settings, held, newest } = await rows.read(orgId, async (tx) => ({
    settings: settingsOf((await heldSettings(tx, orgId)).document),
    held: (await heldModels(tx, orgId)).churn,
    newest: (await newestModel(tx, orgId, 'churn'))?.version ?? 0,
  }))
  const cases = (await keptCases(rows, orgId)) ?? (await toldCases(rows, orgId, clock.now(), signal))
  if (!cases) return null
  const judgedBy = (model?: ChurnModel) => likelihoodOf(model, settings.risk)
  const worked = isEnough(cases) ? await inTurns(learnChurn(cases, judgedBy(held), judgedBy), signal) : null
  if (signal?.aborted) return null
  const { model, report, isBetter } = worked?.found ?? nothing
  const learned = { name: 'churn', learned: model, report, isHeld: isBetter } as const
  const isKept = await rows.transaction(orgId, (tx) =>
    holdModels(tx, orgId, [learned], { churn: newest }, clock.now()),
  )
  return isKept && model ? { version: newest + 1, isHeld: isBetter } : null
}

const nothing = { model: null, report: {}, isBetter: false }

const everyNth = (customers: number): number => Math.max(1, Math.ceil(customers / MOST_CUSTOMERS))

/** Cases as they were kept at the beginnings of months; null while there are too few months. They hold also what no fact says of the past. */
const keptCases = async (rows: Pick<Rows, 'read'>, orgId: string): Promise<Cases | null> => {
  const months = await rows.read(orgId, (tx) => monthsOver(tx, orgId))
  const chosen = months.filter((_, i) => i % MONTHS_APART === 0)
  if (chosen.length < 3) return null
  const chance = everyNth(await rows.read(orgId, (tx) => countLiving(tx, orgId)))
  const moments: Moment[] = []
  for (const month of chosen) {
    const cases = await rows.read(orgId, (tx) => snapshotsOf(tx, orgId, month, chance))
    moments.push({ at: new Date(month), cases })
  }
  return casesOf(moments, null)
}

/**
 * Cases told from facts that say when something happened; a page of customers at a time. Null when it was broken off. Days are kept for
 * thirteen months: what was told day by day is not known of moments before, and not learned from there.
 */
const toldCases = async (
  rows: Pick<Rows, 'read'>,
  orgId: string,
  now: Date,
  signal?: AbortSignal,
): Promise<Cases | null> => {
  const chance = everyNth(await rows.read(orgId, (tx) => countLiving(tx, orgId)))
  const moments = Array.from({ length: MOMENTS }, (_, back): Moment => {
    const at = new Date(now.getTime() - (back + 1) * HORIZON_DAYS * DAY)
    return { at, cases: [] }
  })
  let tellsDays = false
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
      for (const { at, cases } of moments) {
        const series = page.series.get(id) ?? []
        tellsDays ||= series.length > 0
        const found = caseThen(page.signals.get(id) ?? [], series, at)
        if (found) cases.push(found)
      }
    const last = page.ids.at(-1)
    if (last === undefined || page.ids.length < PAGE)
      return casesOf(moments, tellsDays ? weeksKnownSince(now) : null)
    after = last
  }
}
