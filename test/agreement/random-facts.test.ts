import { expect, inject, it } from 'vitest'
import { liveAndCompare, type Report, type Wanted } from './run.ts'

declare module 'vitest' {
  interface ProvidedContext {
    randomFacts: Wanted[]
  }
  interface TaskMeta {
    /** What `npm run soak -- random-facts` prints. */
    figures?: Report['figures']
  }
}

it.each(inject('randomFacts'))(
  'keeps and tells, after random facts and kills, what is computed from nothing (seed $seed)',
  async (wanted) => {
    const { figures, differences } = await liveAndCompare(wanted)
    expect(differences.slice(0, 20)).toEqual([])
    expect(figures.events).toBeGreaterThanOrEqual(wanted.events)
    console.log(JSON.stringify(figures))
  },
  7_200_000,
)
