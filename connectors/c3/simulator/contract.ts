import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'

/** What does not fit a shape, in words. */
export type Misfit = string

const file = new URL('../openapi.yaml', import.meta.url)
const ID = 'c3'

interface Referring {
  $ref?: string
}
interface Promised {
  paths: Record<string, Record<string, { responses: Record<string, Referring> }>>
}

let read: { promised: Promised; ajv: Ajv2020 } | undefined
const compiled = new Map<string, ValidateFunction>()

// The promise itself is what is checked by: nothing is written down a second time. Read at the first question.
const open = () => {
  if (read) return read
  const promised = parse(readFileSync(file, 'utf8'), { merge: true }) as Promised
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: ID, ...promised })
  read = { promised, ajv }
  return read
}

const validator = (pointer: string): ValidateFunction => {
  const validate = compiled.get(pointer) ?? open().ajv.compile({ $ref: `${ID}#${pointer}` })
  compiled.set(pointer, validate)
  return validate
}

const misfits = (pointer: string, value: unknown): Misfit[] => {
  const validate = validator(pointer)
  if (validate(value)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'it'} ${message}`)
}

/** How a value differs from one of the promise's shapes, by its name; empty when it fits. */
export const misfitsOf = (schema: string, value: unknown): Misfit[] =>
  misfits(`/components/schemas/${schema}`, value)

const step = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

const JSON_SCHEMA = 'content/application~1json/schema'

/** How an answer differs from what an operation promises for its status; empty when it fits. */
export const answerMisfits = (path: string, method: string, status: number, body: unknown): Misfit[] => {
  const verb = method.toLowerCase()
  const responses = open().promised.paths[path]?.[verb]?.responses
  if (!responses) return [`${method} ${path} is not promised`]
  const code = responses[status] ? String(status) : 'default'
  const place = responses[code]?.$ref?.slice(1) ?? `/paths/${step(path)}/${verb}/responses/${code}`
  return misfits(`${place}/${JSON_SCHEMA}`, body)
}

/** How a request's body differs from what an operation takes; empty when it fits. */
export const requestMisfits = (path: string, method: string, body: unknown): Misfit[] =>
  misfits(`/paths/${step(path)}/${method.toLowerCase()}/requestBody/${JSON_SCHEMA}`, body)
