/** What was promised is kept, or its end is declared. */
import { buildSchema, findBreakingChanges } from 'graphql'
import type { OpenApi } from '#operations/openapi/index.ts'
import { brokenBetween, promiseOf, type RestPromise } from '#operations/openapi/promise.ts'
import type { Finding, House, Verdict } from '../house.ts'

const DECLARED = 'docs/breaking-changes.md'
const GRAPH = { before: 'operations/baseline/api.graphql', now: 'operations/generated/api.graphql' }
const REST = { before: 'operations/baseline/rest.json', now: 'operations/generated/openapi.json' }

/** The changes that are declared, by what the rule says of them. */
const declaredIn = (house: House): Set<string> => {
  const rows = house.files.includes(DECLARED) ? house.text(DECLARED).split('\n') : []
  const cells = rows.filter((row) => /^\| *\d{4}-\d\d-\d\d *\|/.test(row)).map((row) => row.split('|'))
  // Without a reason nothing is declared.
  return new Set(
    cells.flatMap(([, , change, why]) => (change && why?.trim() ? [change.trim().replaceAll('`', '')] : [])),
  )
}

/** Nothing that clients rely on goes or changes without being declared. */
export const breaking = (house: House): Verdict => {
  const declared = declaredIn(house)
  const has = ({ before, now }: typeof GRAPH) => [before, now].every((file) => house.files.includes(file))
  const schemaOf = (file: string) => buildSchema(house.text(file), { assumeValidSDL: true })
  const graph = has(GRAPH)
    ? findBreakingChanges(schemaOf(GRAPH.before), schemaOf(GRAPH.now)).map(({ description }) => description)
    : []
  const rest = has(REST)
    ? brokenBetween(
        JSON.parse(house.text(REST.before)) as RestPromise,
        promiseOf(JSON.parse(house.text(REST.now)) as OpenApi),
      )
    : []
  const findings = (file: string, broken: readonly string[]): Finding[] =>
    broken
      .filter((one) => !declared.has(one))
      .map((one) => ({ where: file, says: `${one}. Keep it, or declare it in ${DECLARED} in these words` }))
  return {
    findings: [
      ...[GRAPH, REST]
        .filter((one) => !has(one))
        .map(({ before }) => ({ where: before, says: 'there is nothing to compare with' })),
      ...findings(GRAPH.now, graph),
      ...findings(REST.now, rest),
    ],
    note: `${declared.size} declared`,
  }
}
