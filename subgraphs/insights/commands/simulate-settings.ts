import { type InvalidRefusal, invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { seriesRead } from '../domain/assess.ts'
import { kindsJudged, knownAt } from '../domain/facts.ts'
import { isFlaw } from '../domain/flaw.ts'
import { health } from '../domain/health.ts'
import { type AskedSettings, changeSettings, settingsOf } from '../domain/settings.ts'
import { type Simulated, simulated, type Tried } from '../domain/simulation.ts'
import { sampleOfHealth } from '../store/portfolio.ts'
import { seriesOf } from '../store/series.ts'
import { heldSettings } from '../store/settings.ts'
import { signalsOf } from '../store/signals.ts'

export interface SettingsTried extends Simulated {
  version: number
  customers: number
  sampled: boolean
}

/** Of more customers than these, as many are judged. */
export const MOST_TRIED = 2000
const AT_ONCE = 500

/** Judges customers by the settings that hold and by changed ones, both by what is known now. Saves nothing. */
export const simulateSettings = (
  ctx: Context,
  changes: AskedSettings,
): Promise<SettingsTried | InvalidRefusal> =>
  ctx.db.read(ctx.orgId, async (tx): Promise<SettingsTried | InvalidRefusal> => {
    const { orgId, clock } = ctx
    const held = await heldSettings(tx, orgId)
    const document = changeSettings(held.document, changes)
    if (isFlaw(document)) return invalid(document.field, `${document.field} ${document.problem}.`)
    const [before, after] = [held.document, document].map((each) => settingsOf(each).health)
    const asOf = clock.now()
    const found = await sampleOfHealth(tx, orgId, MOST_TRIED + 1)
    const sample = found.slice(0, MOST_TRIED)
    const tried: Tried[] = []
    for (let from = 0; from < sample.length; from += AT_ONCE) {
      const some = sample.slice(from, from + AT_ONCE)
      const ids = some.map(({ customerId }) => customerId)
      const signals = await signalsOf(tx, orgId, ids, kindsJudged)
      const series = await seriesOf(tx, orgId, ids, seriesRead)
      for (const { customerId, slope } of some) {
        const known = knownAt(signals.get(customerId), asOf, series.get(customerId))
        const scores = { before: health(known, before!).score, after: health(known, after!).score }
        tried.push({ customerId, ...scores, slope: slope === null ? null : Number(slope) })
      }
    }
    return {
      ...simulated(tried, { before: before!.steadyWithin, after: after!.steadyWithin }),
      ...{ version: held.version, customers: tried.length, sampled: found.length > MOST_TRIED },
    }
  })
