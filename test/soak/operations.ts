/** Random operations, answered by the compiled executor and by Apollo's own. */
import { openComparison } from '#test/execution/comparison.ts'
import type { Line, Settings } from './run.ts'

/** Of a hundred operations at most so many may be left to the stock executor: else it is compared with itself. */
const MOST_LEFT = 0.02
/** Of a thousand runs at most so many may differ in what the stock executor gets wrong: where an error of an entity lies. */
const MOST_MISPLACED = 0.005

/** `times` is how many operations, each with up to two sets of variables; a seed is where they begin. */
export const operations = async ({ times, seeds }: Settings): Promise<Line[]> => {
  const comparison = openComparison()
  const lines: Line[] = []
  for (const from of seeds) {
    const found = await comparison.run({ from, operations: times })
    for (const difference of found.differences) process.stderr.write(`${JSON.stringify(difference)}\n`)
    const of = (what: string) => `from seed ${from}: ${what}`
    lines.push(
      {
        what: of('answers that differ'),
        measured: found.differences.length,
        demanded: `0 of ${found.compared}`,
        holds: found.differences.length === 0 && found.compared >= times,
      },
      {
        what: of('answers with errors among them'),
        measured: found.withErrors,
        demanded: 'at least a fifth',
        holds: found.withErrors >= found.compared / 5,
      },
      {
        what: of('operations left to the stock executor'),
        measured: found.left,
        demanded: `at most ${MOST_LEFT * 100} %`,
        holds: found.left <= times * MOST_LEFT,
      },
      {
        what: of('errors that the stock executor misplaces'),
        measured: found.misplaced,
        demanded: `at most ${MOST_MISPLACED * 100} %`,
        holds: found.misplaced <= found.compared * MOST_MISPLACED,
      },
    )
  }
  return lines
}
