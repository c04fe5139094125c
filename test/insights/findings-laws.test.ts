import { describe, expect, it } from 'vitest'
import { knownAt } from '#subgraphs/insights/domain/facts.ts'
import { type FindingsMemory, type Found, findAll } from '#subgraphs/insights/domain/findings.ts'
import { health } from '#subgraphs/insights/domain/health.ts'
import type { Models } from '#subgraphs/insights/domain/models.ts'
import { type Settings, settingsOf } from '#subgraphs/insights/domain/settings.ts'
import type { Series, Signal } from '#subgraphs/insights/domain/signal.ts'
import { ago, chance, DAY, NOW, randomFacts, randomSeries, shuffled } from './facts.ts'

const SETTINGS = settingsOf({
  leads: {
    ideal: { ...settingsOf({}).leads.ideal, industries: ['software'], employeesFrom: 50, employeesTo: 500 },
  },
})

/** What is found of facts at a moment. */
const found = (
  signals: readonly Signal[],
  series: readonly Series[],
  asOf: Date,
  {
    memory,
    settings = SETTINGS,
    models = {},
  }: { memory?: FindingsMemory; settings?: Settings; models?: Partial<Models> } = {},
): Found => {
  const known = knownAt(signals, asOf, series)
  return findAll(known, { settings, models, health: health(known, settings.health) }, memory)
}

describe('findings', () => {
  it('are the same whatever order the facts come in, and each document is small', () => {
    const random = chance(3)
    for (let round = 0; round < 150; round++) {
      const [signals, series] = [randomFacts(random, 40), randomSeries(random)]
      const { values } = found(signals, series, NOW)
      expect(found(shuffled(random, signals), series, NOW).values).toEqual(values)
      expect(JSON.stringify(values).length).toBeLessThan(4000)
    }
  })

  it('move by time alone at the moments they name and at no other', () => {
    const random = chance(11)
    for (let round = 0; round < 40; round++) {
      const [signals, series] = [randomFacts(random, 30), randomSeries(random)]
      let held = found(signals, series, ago(200))
      let moves = 0
      // Followed from due moment to due moment, and looked at between.
      for (let at = ago(200); at <= NOW; at = new Date(at.getTime() + DAY * (0.3 + 2 * random()))) {
        while (held.dueAt && held.dueAt <= at) {
          expect(held.dueAt.getTime()).toBeGreaterThan(held.asOf.getTime())
          held = found(signals, series, held.dueAt, { memory: held })
          moves++
        }
        expect(found(signals, series, at, { memory: held }).values).toEqual(held.values)
      }
      expect(moves).toBeLessThan(400)
    }
  })
})
