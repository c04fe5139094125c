import type { SimRequest } from '#connectors/simulator/index.ts'
import { invalid } from './errors.ts'
import type { Portal } from './portal.ts'

/** The body as JSON. Throws Refused when it is none. */
export const jsonBody = <T>(request: SimRequest): T => {
  try {
    return JSON.parse(request.body) as T
  } catch {
    return invalid('Invalid input JSON')
  }
}

/** The inputs of a batch. Throws Refused when there are more than `max`, or none that can be read. */
export const inputsOf = <T>(request: SimRequest, max: number): T[] => {
  const inputs = jsonBody<{ inputs?: T[] } | null>(request)?.inputs
  if (!Array.isArray(inputs)) return invalid('inputs must be a list')
  return inputs.length > max
    ? invalid(`The maximum number of inputs supported in a batch request is ${max}`)
    : inputs
}

/** A list out of the query. Lists come as repeated parameters and as comma lists, mixed at will. */
export const names = (request: SimRequest, parameter: string): string[] =>
  request.query
    .getAll(parameter)
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** The type that goes by a name in a path or a query. Throws Refused for one that the portal does not have. */
export const known = (portal: Portal, name: string | undefined): string =>
  (name === undefined ? undefined : portal.typeNamed(name)) ??
  invalid(`Unable to infer object type from: ${name ?? ''}`)

/** The object types that inline associations are asked for. Throws Refused. */
export const towards = (portal: Portal, request: SimRequest): string[] =>
  names(request, 'associations').map((name) => known(portal, name))

/** A whole number out of the query, within bounds. Throws Refused. */
export const numberOf = (request: SimRequest, name: string, fallback: number, max: number): number => {
  const raw = request.query.get(name)
  const value = raw === null || raw === '' ? fallback : Number(raw)
  if (!Number.isInteger(value) || value < 1 || value > max)
    return invalid(`Invalid parameter ${name}: it must be a whole number between 1 and ${max}`)
  return value
}
