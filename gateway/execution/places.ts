import { type Answered, own } from './merge.ts'

/** Where in a result a fetch belongs, as the planner writes it: names of fields, and `@` for every item of a list. */
export type Place = readonly (string | number)[]

const EVERY = '@'

/**
 * The objects at a place, in the order of their lists. What is null on the way has none; an object that lies at several
 * places is listed once for each.
 */
export const objectsAt = (place: Place, from: unknown, at = 0, found: Answered[] = []): Answered[] => {
  if (from === null || from === undefined) return found
  const step = place[at]
  if (Array.isArray(from))
    for (const item of from) objectsAt(place, item, step === EVERY ? at + 1 : at, found)
  else if (step === undefined) found.push(from as Answered)
  else if (step !== EVERY) objectsAt(place, own(from as Answered, String(step)), at + 1, found)
  return found
}

/** Where exactly each of these objects lies, in the same order. Worked out only when something went wrong there. */
export const pathsAt = (
  place: Place,
  from: unknown,
  at = 0,
  way: (string | number)[] = [],
  found: Place[] = [],
): Place[] => {
  if (from === null || from === undefined) return found
  const step = place[at]
  if (Array.isArray(from))
    for (const [index, item] of from.entries())
      pathsAt(place, item, step === EVERY ? at + 1 : at, [...way, index], found)
  else if (step === undefined) found.push(way)
  else if (step !== EVERY) pathsAt(place, own(from as Answered, String(step)), at + 1, [...way, step], found)
  return found
}
