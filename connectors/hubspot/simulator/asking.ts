import type { SimRequest } from '#connectors/simulator/index.ts'
import { OBJECT_TYPES, type ObjectType } from '../wire.ts'
import { invalid } from './errors.ts'

/** The body as JSON. Throws Refused when it is none. */
export const jsonBody = <T>(request: SimRequest): T => {
  try {
    return JSON.parse(request.body) as T
  } catch {
    return invalid('Invalid input JSON')
  }
}

/** A list out of the query. Lists come as repeated parameters and as comma lists, mixed at will. */
export const names = (request: SimRequest, parameter: string): string[] =>
  request.query
    .getAll(parameter)
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** A plural or singular type name, or its number. Undefined for types that the simulator does not have. */
export const typeNamed = (name: string): ObjectType | undefined => {
  const wanted = name.toLowerCase()
  return OBJECT_TYPES.find((type) => type === wanted) ?? OTHER_NAMES[wanted]
}
const OTHER_NAMES: Readonly<Record<string, ObjectType>> = {
  company: 'companies',
  contact: 'contacts',
  deal: 'deals',
  ticket: 'tickets',
  '0-1': 'contacts',
  '0-2': 'companies',
  '0-3': 'deals',
  '0-5': 'tickets',
}

/** The object types that inline associations are asked for. Throws Refused. */
export const towards = (request: SimRequest): ObjectType[] =>
  names(request, 'associations').map(
    (name) => typeNamed(name) ?? invalid(`Unable to infer object type from: ${name}`),
  )

/** A whole number out of the query, within bounds. Throws Refused. */
export const numberOf = (request: SimRequest, name: string, fallback: number, max: number): number => {
  const raw = request.query.get(name)
  const value = raw === null || raw === '' ? fallback : Number(raw)
  if (!Number.isInteger(value) || value < 1 || value > max)
    return invalid(`Invalid parameter ${name}: it must be a whole number between 1 and ${max}`)
  return value
}
