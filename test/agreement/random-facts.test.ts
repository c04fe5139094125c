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

it.for(inject('randomFacts'))(
  'keeps and tells, after random facts and kills, what is computed from nothing',
  { timeout: 7_200_000 },
  async (wanted, { task }) => {
    const progress = (line: string) => process.stderr.write(`seed ${wanted.seed}: ${line}\n`)
    const { figures, differences } = await liveAndCompare(wanted, wanted.isLong ? progress : undefined)
    task.meta.figures = figures
    expect(differences.slice(0, 20)).toEqual([])
    expect(figures.events).toBeGreaterThanOrEqual(wanted.events)
  },
)
