import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql'
import { Forbidden } from '#kernel/errors.ts'
import { holds, type Principal } from '#kernel/principal.ts'
import table from '#schema/generated/access.json' with { type: 'json' }

/** Which scopes a subgraph's fields ask for: `table.Customer.name` → `['customers:read']`. */
export type AccessTable = Record<string, Record<string, readonly string[]>>

/** The access table of one subgraph, as composed from the `@access` of its SDL. */
export const accessTableOf = (subgraph: string): AccessTable =>
  (table as Record<string, AccessTable>)[subgraph] ?? {}

/** Which scopes a mutation asks for, whichever subgraph has it. Empty: none, or there is no such mutation. */
export const scopesOfMutation = (name: string): string[] =>
  Object.values(table as Record<string, AccessTable>).flatMap(({ Mutation }) => Mutation?.[name] ?? [])

type Resolve = GraphQLFieldResolver<unknown, { principal: Principal }>
type ResolveReference = (reference: unknown, context: { principal: Principal }, info: unknown) => unknown

/**
 * Puts a guard before every protected field of the schema, whatever path leads to it: root fields, entities fetched by
 * reference, subscriptions. A caller who lacks a scope gets FORBIDDEN on that field, before anything of it is loaded.
 */
export const guard = (schema: GraphQLSchema, access: AccessTable): void => {
  for (const [name, fields] of Object.entries(access)) {
    const type = schema.getType(name)
    // An interface is never executed: the object types that implement it carry the scopes themselves.
    if (!isObjectType(type)) continue
    guardFields(type, fields)
    guardReferences(type, fields)
  }
  for (const type of [schema.getMutationType(), schema.getSubscriptionType()]) if (type) onlyForAll(type)
}

/**
 * Who may see some rows only may read them and nothing else: what a change touches beside them, and what is told of others, no
 * policy of the tables can hold back.
 */
const onlyForAll = (type: GraphQLObjectType): void => {
  const refusing =
    (resolve: Resolve): Resolve =>
    (source, args, context, info) => {
      if (context.principal.rows) throw Forbidden.with()
      return resolve(source, args, context, info)
    }
  for (const field of Object.values(type.getFields())) {
    if (field.subscribe) field.subscribe = refusing(field.subscribe as Resolve)
    else field.resolve = refusing((field.resolve ?? defaultFieldResolver) as Resolve)
  }
}

const guardFields = (type: GraphQLObjectType, fields: Record<string, readonly string[]>): void => {
  const known = type.getFields()
  for (const [name, scopes] of Object.entries(fields)) {
    const field = known[name]
    if (!field) throw new Error(`the access table names ${type.name}.${name}, which the schema does not have`)
    field.resolve = before(scopes, (field.resolve ?? defaultFieldResolver) as Resolve)
    if (field.subscribe) field.subscribe = before(scopes, field.subscribe as Resolve)
  }
}

const before =
  (scopes: readonly string[], resolve: Resolve): Resolve =>
  (source, args, context, info) => {
    if (!holds(context.principal, scopes)) throw Forbidden.with()
    return resolve(source, args, context, info)
  }

/** What every field of a type asks for is already asked for before the entity is loaded. */
const guardReferences = (type: GraphQLObjectType, fields: Record<string, readonly string[]>): void => {
  const [first = [], ...rest] = Object.keys(type.getFields()).map((name) => fields[name] ?? [])
  const scopes = first.filter((scope) => rest.every((others) => others.includes(scope)))
  const subgraph = (
    type.extensions.apollo as { subgraph?: { resolveReference?: ResolveReference } } | undefined
  )?.subgraph
  const resolve = subgraph?.resolveReference
  if (!subgraph || !resolve || scopes.length === 0) return
  // Async, so that a refusal stays with its entity: thrown at once it would fail all entities of the request.
  subgraph.resolveReference = async (reference, context, info) => {
    if (!holds(context.principal, scopes)) throw Forbidden.with()
    return resolve(reference, context, info)
  }
}
