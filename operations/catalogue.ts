/** Turns the named documents into the manifest, or says everything that is wrong with them. Pure: no file is touched. */
import { createHash } from 'node:crypto'
import {
  type DocumentNode,
  extendSchema,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  getDirectiveValues,
  getNullableType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  specifiedRules,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Export, Manifest, Operation, Paging, RestMethod, Route } from './manifest.ts'
import { type Finding, judge } from './rules.ts'
import { hasSecret } from './secrets.ts'

/** One document as it lies in the folder. `name` is the file's name without `.graphql`. */
export interface Source {
  name: string
  text: string
}

/** With more, assistants choose worse. */
const MOST_EVERYDAY = 25

const DOORS = new Set(['rest', 'export', 'tool', 'intent', 'slot'])

/** The schema clients see, with the directives that open doors. */
export const withDoors = (schema: GraphQLSchema, directives: string): GraphQLSchema =>
  extendSchema(schema, parse(directives))

/** What an operation is for: the comment lines before it, joined. */
const descriptionOf = (text: string): string =>
  text
    .split('\n')
    .slice(
      0,
      text.split('\n').findIndex((line) => !line.startsWith('#')),
    )
    .map((line) => line.replace(/^#\s?/, '').trim())
    .join(' ')
    .trim()

const strip = (document: DocumentNode): DocumentNode =>
  visit(document, { Directive: (node) => (DOORS.has(node.name.value) ? null : undefined) })

const values = (schema: GraphQLSchema, node: OperationDefinitionNode, name: string) =>
  (node.directives ?? [])
    .filter((directive) => directive.name.value === name)
    .map((directive) => getDirectiveValues(schema.getDirective(name)!, { directives: [directive] })!)

const pathNames = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)

const routesOf = (schema: GraphQLSchema, node: OperationDefinitionNode): Route[] =>
  values(schema, node, 'rest').map((rest) => {
    const path = rest.path as string
    const names = (node.variableDefinitions ?? []).map((v) => v.variable.name.value)
    return {
      method: rest.method as RestMethod,
      path,
      status: rest.status as number,
      query:
        (rest.query as string[] | undefined) ??
        (rest.method === 'GET' ? names.filter((name) => !pathNames(path).includes(name)) : []),
      ...(rest.done ? { done: rest.done as string } : {}),
      ...(rest.location ? { location: rest.location as string } : {}),
      ...(rest.shape ? { shape: rest.shape as string } : {}),
      ...(rest.legacy ? { legacy: rest.legacy as string } : {}),
    }
  })

const slotOf = (schema: GraphQLSchema, node: Parameters<typeof getDirectiveValues>[1]): string | undefined =>
  getDirectiveValues(schema.getDirective('slot')!, node)?.kind as string | undefined

/** The one connection that the operation pages through; undefined when there is none, or its place is in a list. */
const pagingOf = (document: DocumentNode, schema: GraphQLSchema): Paging | undefined => {
  const found: Paging[] = []
  const info = new TypeInfo(schema)
  const place: { name: string; isList: boolean }[] = []
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: {
        enter: (node) => {
          place.push({
            name: node.alias?.value ?? node.name.value,
            isList: isListType(getNullableType(info.getType())),
          })
          const given = node.arguments?.find(({ name }) => name.value === 'after')?.value
          if (given?.kind === Kind.VARIABLE && place.every(({ isList }) => !isList) && tellsPages(node))
            found.push({ at: place.map(({ name }) => name), after: given.name.value })
        },
        leave: () => void place.pop(),
      },
    }),
  )
  return found.length === 1 ? found[0] : undefined
}

const tellsPages = ({ selectionSet }: FieldNode): boolean => {
  const page = selectionSet?.selections.find(
    (s): s is FieldNode => s.kind === Kind.FIELD && s.name.value === 'pageInfo',
  )
  const names = page?.selectionSet?.selections.map((s) => (s.kind === Kind.FIELD ? s.name.value : ''))
  return ['endCursor', 'hasNextPage'].every((name) => names?.includes(name))
}

const exportOf = (schema: GraphQLSchema, node: OperationDefinitionNode): Export | undefined => {
  const [given] = values(schema, node, 'export')
  return (
    given && {
      kind: given.kind as string,
      id: (given.id as string).split('.'),
      with: (given.with as Record<string, unknown> | undefined) ?? {},
    }
  )
}

const describe = (source: Source, document: DocumentNode, schema: GraphQLSchema): Operation => {
  const node = document.definitions.find((d) => d.kind === Kind.OPERATION_DEFINITION)!
  const text = print(strip(document))
  const [tool] = values(schema, node, 'tool')
  const paging = pagingOf(document, schema)
  const exported = exportOf(schema, node)
  return {
    name: source.name,
    kind: node.operation,
    description: descriptionOf(source.text),
    text,
    hash: createHash('sha256').update(text).digest('hex'),
    roots: node.selectionSet.selections
      .filter((s): s is FieldNode => s.kind === Kind.FIELD)
      .map((s) => s.alias?.value ?? s.name.value),
    variables: (node.variableDefinitions ?? []).map((definition) => {
      const slot = slotOf(schema, definition)
      return {
        name: definition.variable.name.value,
        type: print(definition.type),
        required: definition.type.kind === Kind.NON_NULL_TYPE && !definition.defaultValue,
        ...(slot ? { slot } : {}),
      }
    }),
    ...(hasSecret(document, schema) ? { secret: true } : {}),
    ...(paging ? { paging } : {}),
    ...(exported ? { export: exported } : {}),
    routes: routesOf(schema, node),
    ...(tool
      ? {
          tool: {
            title: tool.title as string,
            ...(tool.everyday ? { everyday: true } : {}),
            ...(tool.destructive ? { destructive: true } : {}),
          },
        }
      : {}),
    intents: values(schema, node, 'intent').flatMap((intent) => intent.phrases as string[]),
    ...needsOf(values(schema, node, 'intent')),
  }
}

const needsOf = (intents: readonly Record<string, unknown>[]): { needs?: string[] } => {
  const needs = intents.flatMap((intent) => (intent.needs ?? []) as string[])
  return needs.length > 0 ? { needs } : {}
}

/**
 * Reads all documents against the schema extended by `directives.graphql`.
 * Answers the manifest and every finding; the manifest holds only the documents without a finding.
 */
export const readCatalogue = (
  sources: readonly Source[],
  schema: GraphQLSchema,
  shapes: readonly string[] = [],
): { manifest: Manifest; findings: Finding[] } => {
  const findings: Finding[] = []
  const operations: Operation[] = []
  for (const source of [...sources].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const found = (says: string) => findings.push({ file: `${source.name}.graphql`, says })
    const before = findings.length
    try {
      const document = parse(source.text)
      for (const error of validate(schema, document, specifiedRules, { hideSuggestions: true }))
        found(error.message)
      if (findings.length > before) continue
      for (const says of judge(source, document, schema)) found(says)
      if (findings.length > before) continue
      const operation = describe(source, document, schema)
      if (operation.description === '') found('needs a comment in its first line that says what it is for')
      for (const says of clashes(operation, operations)) found(says)
      for (const says of unexportable(operation)) found(says)
      for (const says of unshaped(operation, shapes)) found(says)
      operations.push(operation)
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      found(error.message)
    }
  }
  for (const { name, routes } of operations)
    for (const says of leadingNowhere(routes, operations)) findings.push({ file: `${name}.graphql`, says })
  for (const operation of operations)
    for (const says of doorless(operation, operations))
      findings.push({ file: `${operation.name}.graphql`, says })
  const everyday = operations.filter(({ tool }) => tool?.everyday)
  if (everyday.length > MOST_EVERYDAY)
    findings.push({
      file: `${everyday.at(-1)!.name}.graphql`,
      says: `is one of ${everyday.length} everyday tools: assistants are shown ${MOST_EVERYDAY} at most, the others they find`,
    })
  return { manifest: { operations }, findings }
}

const unnamed = (path: string): string => path.replace(/\{[\w.]+\}/g, '{}')

/** Who is told to ask again is told where, and there is such a route. */
const leadingNowhere = (routes: readonly Route[], operations: readonly Operation[]): string[] =>
  routes.flatMap(({ path, done, location }) => {
    if ((done === undefined) !== (location === undefined))
      return [`the route ${path} needs both \`done\` and \`location\`, or neither`]
    if (location === undefined) return []
    const there = operations.flatMap((each) => each.routes).filter(({ method }) => method === 'GET')
    return there.some((route) => unnamed(route.path) === unnamed(location))
      ? []
      : [`the route ${path} sends its callers to ${location}, which is no route`]
  })

/** Whatever may be asked can be asked over REST; what only an earlier product asks leads to a route that stays. */
const doorless = ({ kind, routes }: Operation, operations: readonly Operation[]): string[] => {
  if (kind === 'subscription') return []
  if (routes.length === 0) return ['needs a route: @rest(path: "/api/v2/…")']
  const lasting = new Set(
    operations.flatMap((each) => each.routes.flatMap(({ path, legacy }) => (legacy ? [] : unnamed(path)))),
  )
  return routes.flatMap(({ path, legacy }) => {
    if (legacy === undefined)
      return /^\/api\/v[2-9]\//.test(path)
        ? []
        : [`the route ${path} is not below /api/v2/: name in \`legacy\` the one that is`]
    return lasting.has(unnamed(legacy))
      ? []
      : [`the route ${path} gives way to ${legacy}, which is no route that stays`]
  })
}

/** What is exported is one list with its entries, of which as many are asked for at a time as the export wants. */
const unexportable = ({ export: exported, paging, variables, roots }: Operation): string[] => {
  if (!exported) return []
  const names = new Set(variables.map(({ name }) => name))
  return [
    ...(paging && paging.at.length === 1 && roots.length === 1
      ? []
      : ['an export reads one list at the top: select its `pageInfo` with `endCursor` and `hasNextPage`']),
    ...(names.has('first') ? [] : ['an export needs the variable `first`']),
    ...Object.keys(exported.with).flatMap((name) =>
      names.has(name) ? [] : [`@export sends ${name}, which is no variable`],
    ),
  ]
}

const unshaped = ({ routes }: Operation, shapes: readonly string[]): string[] =>
  routes.flatMap(({ shape }) =>
    shape === undefined || shapes.includes(shape) ? [] : [`there is no operations/shapes/${shape}.ts`],
  )

const addressOf = (route: Route): string => `${route.method} ${unnamed(route.path)}`

const clashes = (operation: Operation, others: readonly Operation[]): string[] => {
  const seen = new Map(others.flatMap((other) => other.routes.map((r) => [addressOf(r), other.name])))
  return operation.routes.flatMap((route) => {
    const owner = seen.get(addressOf(route))
    seen.set(addressOf(route), operation.name)
    return owner ? [`the route ${route.method} ${route.path} already belongs to ${owner}`] : []
  })
}
