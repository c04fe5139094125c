/** What a document of the catalogue has to keep, beyond being valid GraphQL. */
import {
  type DocumentNode,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql'

export interface Finding {
  file: string
  says: string
}

/** The faults of one document that parses and validates. */
export const judge = (source: { name: string }, document: DocumentNode, schema: GraphQLSchema): string[] => {
  const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION)
  const [operation] = operations
  if (!operation || operations.length > 1) return ['holds one operation, no more and no less']
  return [
    ...named(source, operation),
    ...bounded(document, schema),
    ...tellsResults(document, schema),
    ...routable(operation, schema),
    ...offered(operation, schema),
  ]
}

const named = (source: { name: string }, operation: OperationDefinitionNode): string[] => {
  if (!operation.name) return ['the operation needs a name: the name of its file']
  if (operation.name.value !== source.name)
    return [`the operation is called ${operation.name.value}, its file ${source.name}: give both one name`]
  return /^[A-Z][A-Za-z0-9]*$/.test(source.name) ? [] : ['names begin with a capital letter']
}

/** Every list says how much of it is wanted, so that a change of the schema's default changes nothing here. */
const bounded = (document: DocumentNode, schema: GraphQLSchema): string[] => {
  const faults: string[] = []
  const info = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: (node) => {
        const takesFirst = info.getFieldDef()?.args.some((arg) => arg.name === 'first')
        if (takesFirst && !node.arguments?.some((arg) => arg.name.value === 'first'))
          faults.push(`the list ${node.name.value} needs \`first\``)
      },
    }),
  )
  return faults
}

/** A door tells a refusal from a result by `__typename`. */
const tellsResults = (document: DocumentNode, schema: GraphQLSchema): string[] => {
  const faults: string[] = []
  const info = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: (node) => {
        const type = getNamedType(info.getType())
        if (!type || !isUnionType(type) || !isAbstractType(type)) return
        const tells = node.selectionSet?.selections.some(
          (s) => s.kind === Kind.FIELD && s.name.value === '__typename',
        )
        if (!tells) faults.push(`${node.name.value} can answer several types: select \`__typename\``)
      },
    }),
  )
  return faults
}

const routable = (operation: OperationDefinitionNode, schema: GraphQLSchema): string[] => {
  const variables = new Map(
    (operation.variableDefinitions ?? []).map((v) => [v.variable.name.value, v] as const),
  )
  const isObject = (name: string): boolean => {
    const definition = variables.get(name)
    const type = definition && typeFromAST(schema, definition.type as never)
    return isInputObjectType(getNamedType(type))
  }
  return (operation.directives ?? [])
    .filter((directive) => directive.name.value === 'rest')
    .flatMap((directive) => {
      const rest = getDirectiveValues(schema.getDirective('rest')!, { directives: [directive] })!
      const path = rest.path as string
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
      const inQuery = (rest.query as string[] | undefined) ?? []
      const faults: string[] = []
      if (!/^\/(api|integrations)\/[\w\-/{}.]+$/.test(path))
        faults.push(`the path ${path} begins with /api/ or /integrations/`)
      for (const name of [...inPath, ...inQuery]) {
        if (!variables.has(name)) faults.push(`the route ${path} names ${name}, which is no variable`)
        else if (isObject(name))
          faults.push(`${name} is an object: it fits neither a path nor a query string`)
      }
      if (new Set(inPath).size !== inPath.length) faults.push(`the path ${path} names a variable twice`)
      if (inPath.some((name) => inQuery.includes(name)))
        faults.push(`the route ${path} takes a variable from the path and from the query string`)
      const takesObject = [...variables.keys()].some(isObject)
      if (
        operation.operation === 'query' &&
        rest.method !== 'GET' &&
        !(rest.method === 'POST' && takesObject)
      )
        faults.push(`the query is called with GET, not ${rest.method}`)
      if (variables.has('partial'))
        faults.push('`partial` is what every route takes: call the variable otherwise')
      if (operation.operation === 'mutation' && rest.method === 'GET')
        faults.push('the mutation must not be called with GET')
      if (rest.method === 'GET')
        for (const [name, definition] of variables)
          if (definition.type.kind === Kind.NON_NULL_TYPE && !definition.defaultValue)
            if (!inPath.includes(name) && rest.query && !inQuery.includes(name))
              faults.push(`the route ${path} has no place for the variable ${name}`)
      return faults
    })
}

const ENDING = /^(Delete|Remove|Void|Close|Cancel|Release|Disconnect|Erase|Retire|Revoke)[A-Z]/
/** Tools that write take it beside the variables. */
const CONFIRM = 'confirm'

/** Assistants are told which tools end something, and confirm plans by an argument. */
const offered = (operation: OperationDefinitionNode, schema: GraphQLSchema): string[] => {
  const tool = getDirectiveValues(schema.getDirective('tool')!, operation)
  if (!tool || operation.operation !== 'mutation') return []
  const names = operation.variableDefinitions?.map((definition) => definition.variable.name.value)
  return [
    ...(names?.includes(CONFIRM)
      ? [`a tool has an argument \`${CONFIRM}\` already: call the variable otherwise`]
      : []),
    ...(ENDING.test(operation.name?.value ?? '') && !tool.destructive
      ? ['by its name it ends something: say `destructive: true` in @tool']
      : []),
  ]
}
