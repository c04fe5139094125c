/** Random operations, answered by the compiled executor, also with entities that are kept, and by the stock one over the same parts. */
import { Supergraph } from '@apollo/federation-internals'
import { type ExecutionResult, type FormattedExecutionResult, parse } from 'graphql'
import { publicError } from '#gateway/errors.ts'
import type { RequestContext } from '#gateway/execute.ts'
import { type Compiled, compile } from '#gateway/execution/compile.ts'
import { runStock } from '#gateway/execution/stock.ts'
import { Keeping } from '#gateway/kept/keeping.ts'
import { TouchedPart } from '#gateway/kept/part.ts'
import { KeptTexts } from '#gateway/kept/store.ts'
import { loadSnapshot } from '#gateway/supergraph/snapshot.ts'
import type { Subgraph } from '#gateway/supergraph/source.ts'
import { openLog } from '#kernel/log.ts'
import { supergraphSdl } from '#test/kit/gateway.ts'
import { principal } from '#test/kit/subgraph.ts'
import { type Mood, openParts, type Played } from './played-parts.ts'
import { randomOperation } from './random-operations.ts'

export interface Compared {
  /** Runs of operations that were compared. */
  compared: number
  /** Operations that the compiled executor leaves to the stock one. */
  left: number
  /** Runs with at least one error in the answer. */
  withErrors: number
  /**
   * Runs that differ in nothing but an index in the place of an error: the stock executor counts the entities that it asked for,
   * and not those in the list, of which some are of types that another part knows nothing of.
   */
  misplaced: number
  /** Entities that were not asked for the second time, since they were kept. */
  entitiesKept: number
  differences: { seed: number; text: string; variables: object; compiled: string; stock: string }[]
}

export interface Comparison {
  /** Compares as many operations, by the seeds from `from` on. Ends early after ten differences. */
  run(options: { from: number; operations: number }): Promise<Compared>
}

const MOODS: readonly Mood[] = [
  { nulls: 0, errors: 0, down: 0 },
  { nulls: 80, errors: 0, down: 0 },
  { nulls: 30, errors: 40, down: 0 },
  { nulls: 10, errors: 10, down: 200 },
]
const silent = openLog('test', 'silent')

/** Opens the supergraph for both. */
export const openComparison = (): Comparison => {
  const play = openParts()
  const snapshot = loadSnapshot(supergraphSdl, play(0, MOODS[0]!).services)
  const supergraph = Supergraph.build(supergraphSdl)
  const schemas = {
    schema: snapshot.schema,
    whole: supergraph.schema.toGraphQLJSSchema(),
    api: supergraph.apiSchema(),
  }
  return {
    run: async ({ from, operations }) => {
      const found: Compared = {
        compared: 0,
        left: 0,
        withErrors: 0,
        misplaced: 0,
        entitiesKept: 0,
        differences: [],
      }
      for (let seed = from, done = 0; done < operations && found.differences.length < 10; seed++) {
        const operation = randomOperation(snapshot.schema, seed)
        if (!operation) continue
        done++
        const document = parse(operation.text)
        const plan = snapshot.plan({ document }, `random ${seed}`)
        const compiled = compile(plan, { document }, { api: snapshot.schema, whole: schemas.whole })
        if (!compiled) {
          found.left++
          continue
        }
        for (const [at, variables] of operation.variables.entries()) {
          const mood = MOODS[(seed + at) % MOODS.length]!
          const run = () => ({ variables, context: contextOf(), services: play(seed, mood).services })
          const ours = await shown(compiled(run()))
          const stock = await shown(runStock(plan, { document }, run(), schemas))
          found.compared++
          const { again, spared } = await keepingEntities(compiled, { variables, ...play(seed, mood) })
          found.entitiesKept += spared
          if (again !== ours)
            found.differences.push({ seed, text: operation.text, variables, compiled: again, stock: ours })
          if (stock.includes('"errors":[{')) found.withErrors++
          if (ours === stock) continue
          if (unplaced(ours) === unplaced(stock)) found.misplaced++
          else found.differences.push({ seed, text: operation.text, variables, compiled: ours, stock })
        }
      }
      return found
    },
  }
}

/** Runs it twice with entities that are kept. @returns what the second run answers, and how many entities it did not ask for */
const keepingEntities = async (
  compiled: Compiled,
  { variables, services, asked }: Played & { variables: Record<string, unknown> },
): Promise<{ again: string; spared: number }> => {
  await using texts = new KeptTexts(16)
  const part = new TouchedPart(() => 0)
  part.begin(['t'])
  part.told()
  const parts = Object.fromEntries(Object.keys(services).map((name) => [name, part]))
  const telling = Object.fromEntries(
    Object.entries(services).map(([name, { ask }]): [string, Subgraph] => [
      name,
      {
        ask: async (question, context) => {
          const read = { tables: ['t'], holdsMs: Number.POSITIVE_INFINITY, count: part.count }
          const answer = await ask(question, context)
          context.keeping?.answered(name, read)
          return answer
        },
      },
    ]),
  )
  const run = () => {
    const keeping = new Keeping(principal(), parts, texts)
    return shown(compiled({ variables, services: telling, context: { ...contextOf(), keeping } }))
  }
  await run()
  const first = asked.entities
  const again = await run()
  return { again, spared: first - (asked.entities - first) }
}

/** A caller of whom nothing matters. */
export const contextOf = (): RequestContext => ({
  signal: new AbortController().signal,
  log: silent,
  behind: new Set(),
  cookies: [],
  caller: {} as never,
})

/**
 * A result as a client is shown it. Fields are sorted: the compiled executor keeps the order that GraphQL asks for, the stock
 * one goes through fields that are asked for twice a second time. So are errors, which come in the order in which parts answer.
 */
const shown = async (running: Promise<ExecutionResult>): Promise<string> => {
  const { data, errors, extensions } = await running.catch((error: unknown): FormattedExecutionResult => {
    return { errors: [publicError(error, silent)] }
  })
  const said = (errors ?? []).map((error) => JSON.stringify(publicError(error, silent))).sort()
  const flaws = (extensions?.valueCompletion as unknown[] | undefined) ?? []
  return `{"data":${JSON.stringify(data, sorted)},"errors":[${said}],"flaws":${JSON.stringify(flaws)}}`
}

const sorted = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

const unplaced = (result: string): string => {
  const { data, errors, flaws } = JSON.parse(result)
  const said = errors.map((error: { path?: unknown[] }) =>
    JSON.stringify({ ...error, path: error.path?.map((step) => (typeof step === 'number' ? '@' : step)) }),
  )
  return JSON.stringify([data, said.sort(), flaws])
}
