/** What assistants are offered: each `@tool` operation with what it takes, as JSON Schema, and what it may do. Pure. */
import {
  type GraphQLInputType,
  GraphQLNonNull,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  parseType,
  TypeInfo,
  typeFromAST,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { AccessTable } from '#schema/access.ts'
import type { Manifest, Operation } from './manifest.ts'
import { type JsonSchema, Types } from './openapi/schemas.ts'

/** One tool, as MCP lists it and as the gateway looks it up. */
export interface Tool {
  /** The operation's own name. */
  name: string
  title: string
  description: string
  kind: 'query' | 'mutation'
  /** Among the tools that are listed; the others are found by searching. */
  everyday: boolean
  /** Without all of these it would be refused. */
  scopes: string[]
  inputSchema: JsonSchema & { type: 'object'; properties: Record<string, JsonSchema> }
  annotations: {
    readOnlyHint: boolean
    destructiveHint: boolean
    idempotentHint: boolean
    openWorldHint: boolean
  }
}

/** How a tool that writes is told to do what it has planned. */
export const CONFIRM: JsonSchema = {
  type: 'string',
  description:
    'Leave it out at first: the answer is a plan of what would change, and nothing is changed. To do it, call again with the same arguments and the plan’s token here.',
}

/** The tools of a catalogue, by name. @param options.access the scopes that each part asks for */
export const toolsOf = (
  manifest: Manifest,
  { schema, access }: { schema: GraphQLSchema; access: Readonly<Record<string, AccessTable>> },
): Tool[] =>
  manifest.operations.flatMap((operation) => {
    const { tool, kind } = operation
    if (!tool || kind === 'subscription') return []
    const isRead = kind === 'query'
    const says = isRead ? '' : ' Answers a plan first; it is done once that is confirmed.'
    return [
      {
        ...{ name: operation.name, title: tool.title, kind },
        description: `${operation.description}${says}`,
        everyday: tool.everyday === true,
        scopes: scopesOf(operation, schema, access),
        inputSchema: inputOf(operation, schema),
        annotations: {
          readOnlyHint: isRead,
          destructiveHint: tool.destructive === true,
          // A confirmation is good for once: the same call again changes nothing more.
          idempotentHint: true,
          // Reading asks the hub's own copy; what is written is carried to the systems it came from.
          openWorldHint: !isRead,
        },
      },
    ]
  })

const ROOTS = { query: 'Query', mutation: 'Mutation' } as const

const scopesOf = (
  { kind, text }: Operation,
  schema: GraphQLSchema,
  access: Readonly<Record<string, AccessTable>>,
): string[] => {
  const root = ROOTS[kind as keyof typeof ROOTS]
  const fields = schema.getType(root) && getOperationAST(parse(text))!.selectionSet.selections
  const names = (fields ?? []).flatMap((node) => (node.kind === Kind.FIELD ? [node.name.value] : []))
  const wanted = Object.values(access).flatMap((table) => names.flatMap((name) => table[root]?.[name] ?? []))
  return [...new Set(wanted)].sort()
}

const inputOf = (operation: Operation, schema: GraphQLSchema): Tool['inputSchema'] => {
  const document = parse(operation.text)
  const node = getOperationAST(document) as OperationDefinitionNode
  const says = described(node, schema)
  const types = new Types(schema, '#/$defs')
  const properties = (node.variableDefinitions ?? []).map(({ variable, defaultValue }) => {
    const name = variable.name.value
    const { type } = operation.variables.find((one) => one.name === name)!
    const read = typeFromAST(schema, parseType(type) as never) as GraphQLInputType
    const description = says.get(name)
    const given: JsonSchema = {
      // What may be left out is left out: null would be one more way to say nothing.
      ...types.input(new GraphQLNonNull(getNullableType(read))),
      ...(description ? { description } : {}),
      ...(defaultValue ? { default: valueFromASTUntyped(defaultValue) } : {}),
    }
    return [name, given] as const
  })
  const required = operation.variables.filter((one) => one.required).map(({ name }) => name)
  const defined = types.components
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(properties),
      ...(operation.kind === 'mutation' ? { confirm: CONFIRM } : {}),
    },
    ...(required.length > 0 ? { required } : {}),
    ...(Object.keys(defined).length > 0 ? { $defs: defined } : {}),
  }
}

/** What the schema says of the argument or field that each variable is given to. */
const described = (node: OperationDefinitionNode, schema: GraphQLSchema): Map<string, string> => {
  const found = new Map<string, string>()
  const info = new TypeInfo(schema)
  const take = (name: string, description: string | null | undefined) => {
    if (description && !found.has(name)) found.set(name, description)
  }
  visit(
    node,
    visitWithTypeInfo(info, {
      Argument: ({ value }) => {
        if (value.kind === Kind.VARIABLE) take(value.name.value, info.getArgument()?.description)
      },
      ObjectField: ({ name, value }) => {
        const parent = getNamedType(info.getParentInputType())
        if (value.kind === Kind.VARIABLE && isInputObjectType(parent))
          take(value.name.value, parent.getFields()[name.value]?.description)
      },
    }),
  )
  return found
}
