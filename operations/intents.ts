/**
 * What sentences can mean, as `chat/` reads it: the operations with `@intent`, and each value of their variables that a sentence
 * can give. Built by `operations/build.ts`, loaded once by a process.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  parseType,
  typeFromAST,
  valueFromASTUntyped,
} from 'graphql'
import type { Intent, Place } from '#chat/contract.ts'
import type { Manifest, Operation, Variable } from './manifest.ts'

export const INTENTS_FILE = join(import.meta.dirname, 'generated', 'intents.json')

/** Reads the built intents. Throws when they were never built. */
export const loadIntents = (file: string = INTENTS_FILE): Intent[] =>
  JSON.parse(readFileSync(file, 'utf8')) as Intent[]

/** What is named by an id without saying so with `@slot`. */
const SLOT_OF_FIELD: Readonly<Record<string, string>> = {
  customerId: 'customer',
  ban: 'billing account',
  trunkId: 'trunk',
  ownerId: 'person',
  rfqId: 'rfq',
  dealId: 'deal',
  integrationId: 'connection',
}
const DEEPEST = 2
/** Pages are asked for by programs. */
const NOT_SAID = new Set(['after', 'idempotencyKey', 'expectedVersion', 'historyFirst', 'historyAfter'])

/** The operations that sentences can mean. A subscription is followed, not asked: sentences mean none. */
export const intentsOf = (manifest: Manifest, schema: GraphQLSchema): Intent[] =>
  manifest.operations
    .filter(({ intents, kind }) => intents.length > 0 && kind !== 'subscription')
    .map((operation) => ({
      name: operation.name,
      isChange: operation.kind === 'mutation',
      description: operation.description,
      document: operation.text,
      phrases: operation.intents,
      places: placesOf(operation, schema),
      ...(operation.needs ? { needs: operation.needs.map(needed) } : {}),
    }))

const needed = (path: string): Place => ({
  path,
  type: 'String',
  isList: false,
  isRequired: true,
  isUnsayable: true,
})

const placesOf = ({ variables, text }: Operation, schema: GraphQLSchema): Place[] => {
  const defaults = new Map<string, unknown>()
  for (const definition of parse(text).definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION)
      for (const { variable, defaultValue } of definition.variableDefinitions ?? [])
        if (defaultValue) defaults.set(variable.name.value, valueFromASTUntyped(defaultValue))
  return variables.flatMap((variable) => {
    const type = typeFromAST(schema, parseType(variable.type) as never) as GraphQLInputType | undefined
    const found = type === undefined ? [] : places(variable.name, type, variable, 0)
    return found.map((place) =>
      defaults.has(place.path) ? { ...place, fallback: defaults.get(place.path) } : place,
    )
  })
}

const places = (path: string, type: GraphQLInputType, said: Partial<Variable>, depth: number): Place[] => {
  const name = path.split('.').at(-1) ?? path
  if (NOT_SAID.has(name)) return []
  const inner = getNullableType(type)
  const named = getNamedType(type)
  if (named.name === 'Cursor') return []
  const isRequired = said.required ?? isNonNullType(type)
  if (isInputObjectType(named)) {
    if (isListType(inner) || depth >= DEEPEST)
      return isRequired ? [{ path, type: named.name, isList: true, isRequired, isUnsayable: true }] : []
    return Object.values(named.getFields()).flatMap((field) =>
      places(
        `${path}.${field.name}`,
        field.type,
        { required: isRequired && isNonNullType(field.type) && field.defaultValue === undefined },
        depth + 1,
      ),
    )
  }
  const slot = said.slot ?? SLOT_OF_FIELD[name]
  return [
    {
      path,
      type: named.name,
      isList: isListType(inner),
      isRequired,
      ...(slot ? { slot } : {}),
      ...(isEnumType(named) ? { values: named.getValues().map((value) => value.name) } : {}),
    },
  ]
}
