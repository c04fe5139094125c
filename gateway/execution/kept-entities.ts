import type { GraphQLFormattedError } from 'graphql'
import type { Subgraph } from '../supergraph/source.ts'
import type { Run } from './fetching.ts'

type Answer = Awaited<ReturnType<Subgraph['ask']>>

/** Asks a part for entities, by their representations as JSON. */
export type AskEntities = (run: Run, representations: readonly string[]) => Promise<Answer>

/**
 * Asks only for entities that are not kept, and answers as if all had been asked for: in the order of their representations,
 * with errors that name the place of the entity among all.
 * @param question what is asked of each entity, as text
 */
export const askUnlessKept = async (
  ask: AskEntities,
  { part, question }: { part: string; question: string },
  run: Run,
  representations: readonly string[],
): Promise<Answer> => {
  const { keeping } = run.context
  if (!keeping) return ask(run, representations)
  const kept = keeping.entities(part, question)
  const found = representations.map((representation) => kept.find(representation))
  const places = found.flatMap((entity, place) => (entity === undefined ? [place] : []))
  if (places.length === 0) return { data: { _entities: found } }
  const apart = keeping.apart()
  const missing = places.map((place) => representations[place] as string)
  const answer = await ask({ ...run, context: { ...run.context, keeping: apart } }, missing)
  keeping.basis.take(apart.basis)
  const came: unknown = answer.data?._entities
  // What is no answer to the question is refused by whoever reads it.
  if (!Array.isArray(came) || came.length !== missing.length) return answer
  for (const [i, entity] of came.entries()) {
    if (!answer.errors) kept.keep(missing[i] as string, entity, apart.basis)
    found[places[i] as number] = entity
  }
  const errors = answer.errors?.map((error) => amongAll(error, places))
  return { data: { _entities: found }, ...(errors ? { errors } : {}) }
}

const amongAll = (error: GraphQLFormattedError, places: readonly number[]): GraphQLFormattedError => {
  const [field, place, ...rest] = error.path ?? []
  if (field === undefined || typeof place !== 'number') return error
  return { ...error, path: [field, places[place] ?? place, ...rest] }
}
