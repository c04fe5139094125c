import { assess } from '#subgraphs/insights/domain/assess.ts'
import type { DetectorName } from '#subgraphs/insights/domain/detectors.ts'
import type { Insight, Insights } from '#subgraphs/insights/domain/insights.ts'
import { type AskedSettings, changeSettings, settingsOf } from '#subgraphs/insights/domain/settings.ts'
import type { Series, Signal } from '#subgraphs/insights/domain/signal.ts'
import { NOW } from './facts.ts'

/** A customer that is judged again and again, remembering what was noticed. */
export class Watched {
  facts: Signal[] = []
  series: Series[] = []
  settings = settingsOf({})
  found: Insights | undefined
  dueAt: Date | null = null

  set(asked: AskedSettings): this {
    this.settings = settingsOf(changeSettings({}, asked) as Record<string, never>)
    return this
  }

  /** Judges it by these facts, or by those it has. @returns the newest of each detector */
  at(asOf: Date = NOW, facts: Signal[] = this.facts): readonly Insight[] {
    this.facts = facts
    const memories = this.found ? { insights: this.found } : {}
    const { found, dueAt } = assess(
      facts,
      this.series,
      { settings: this.settings, models: {} },
      asOf,
      memories,
    )
    this.found = found.insights
    this.dueAt = dueAt
    return found.insights.newest
  }

  /** Puts something in the place of what was noticed, as a decision would. */
  put(insight: Insight): void {
    this.found = {
      ...this.found!,
      newest: this.found!.newest.map((each) => (each.detector === insight.detector ? insight : each)),
    }
  }

  of(detector: DetectorName): Insight | undefined {
    return this.found?.newest.find((each) => each.detector === detector)
  }

  /** Whether a detector has something open. */
  speaks(detector: DetectorName): boolean {
    const state = this.of(detector)?.state
    return state === 'NEW' || state === 'ACCEPTED'
  }
}

/** Whether a detector speaks of facts at first sight. */
export const speaks = (
  detector: DetectorName,
  facts: Signal[],
  asOf = NOW,
  series: Series[] = [],
): boolean => {
  const watched = new Watched()
  watched.series = series
  watched.at(asOf, facts)
  return watched.speaks(detector)
}
