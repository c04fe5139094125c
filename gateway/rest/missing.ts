/** What an answer lacks, and which part of the graph would have given it. */
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql'
import { Forbidden } from '#kernel/errors.ts'
import type { Operation } from '#operations/manifest.ts'
import { PartsMissing } from '../errors.ts'
import type { Snapshot } from '../supergraph/snapshot.ts'
import { namesOf, partAt } from './owners.ts'
import { type Problem, problemOf } from './problems.ts'

/** A place of the answer that is null because something failed. */
export interface Missing {
  /** Where, in the answer's own names; `*` stands for every entry of a list. */
  path: string
  /** The part of the graph that did not give it, such as `telephony`; null where no one part can be named. */
  part: string | null
  /** Why, as a code. */
  code: string
}

const MOST = 50

/** The places that errors have left without a value, each once however long the lists are. */
export const missingOf = (
  operation: Operation,
  errors: NonNullable<FormattedExecutionResult['errors']>,
  snapshot: Snapshot,
): Missing[] => {
  const found = new Map<string, Missing>()
  for (const { path = [], extensions } of errors) {
    const code = String(extensions?.code ?? 'INTERNAL')
    const gone = typeof extensions?.part === 'string' ? extensions.part : undefined
    const part = gone ?? partAt(snapshot, operation.text, path) ?? null
    // A part that does not answer fails once, at the place where it was asked for several fields.
    const names = gone === undefined ? [] : namesOf(snapshot, operation.text, path, gone)
    const places = names.length > 0 ? names.map((name) => [...path, name]) : [path]
    for (const place of places.map((one) => named(operation, one))) {
      if (found.size < MOST) found.set(JSON.stringify([place, part, code]), { path: place, part, code })
    }
  }
  return [...found.values()]
}

const named = ({ roots }: Operation, path: readonly (string | number)[]): string =>
  path
    // The root's name is not in the answer where there is one root.
    .slice(roots.length === 1 ? 1 : 0)
    .map((one) => (typeof one === 'number' ? '*' : one))
    .join('.')

/** The parts that are missing, each once. */
export const partsOf = (missing: readonly Missing[]): string[] => [
  ...new Set(missing.flatMap(({ part }) => part ?? [])),
]

/** Why an answer that lacks something is not given to somebody who wants it whole. */
export const problemOfMissing = (
  missing: readonly Missing[],
  errors: readonly GraphQLFormattedError[],
): Problem => {
  const isNotAllowed = errors.every(({ extensions }) => extensions?.code === Forbidden.code)
  const error = isNotAllowed
    ? Forbidden.with()
    : PartsMissing.with({ parts: partsOf(missing).join(', ') || 'a part' })
  return problemOf(error, { missing })
}
