import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type InterfaceTypeExtensionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
} from 'graphql'

type TypeNode =
  | ObjectTypeDefinitionNode
  | InterfaceTypeDefinitionNode
  | ObjectTypeExtensionNode
  | InterfaceTypeExtensionNode

/** Which scopes a field of one subgraph asks for: `table.Customer.health` → `['insights:read']`. */
export type AccessTable = Record<string, Record<string, string[]>>

const KINDS: ReadonlySet<string> = new Set([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.OBJECT_TYPE_EXTENSION,
  Kind.INTERFACE_TYPE_EXTENSION,
])

const types = (documents: readonly DocumentNode[]): TypeNode[] =>
  documents.flatMap((document) => document.definitions.filter((d): d is TypeNode => KINDS.has(d.kind)))

const directive = (
  node: { directives?: readonly ConstDirectiveNode[] },
  name: string,
): ConstDirectiveNode | undefined => node.directives?.find((d) => d.name.value === name)

const scopes = (node: { directives?: readonly ConstDirectiveNode[] }): string[] => {
  const value = directive(node, 'access')?.arguments?.find((a) => a.name.value === 'scopes')?.value
  return value?.kind === Kind.LIST
    ? value.values.flatMap((v) => (v.kind === Kind.STRING ? [v.value] : []))
    : []
}

const ownFields = (type: TypeNode): FieldDefinitionNode[] =>
  (type.fields ?? []).filter((field) => !directive(field, 'external'))

/** The access table of one subgraph: a field asks for its own scopes and those of its type, wherever the type is extended. */
export const accessTable = (document: DocumentNode): AccessTable => {
  const table: AccessTable = {}
  for (const [name, parts] of Map.groupBy(types([document]), (type) => type.name.value)) {
    const ofType = parts.flatMap(scopes)
    const guarded = parts
      .flatMap(ownFields)
      .map((field) => [field.name.value, [...new Set([...ofType, ...scopes(field)])].sort()] as const)
      .filter(([, wanted]) => wanted.length > 0)
      .sort(([a], [b]) => a.localeCompare(b))
    if (guarded.length > 0) table[name] = Object.fromEntries(guarded)
  }
  return table
}

/** What is marked `@pii`: the one list for logs, traces, audit, export and erase. */
export interface PersonalList {
  /** Of each field and input that is marked, as `Contact.email`, what kind it is. */
  fields: Record<string, string>
  /** Names that mean personal data wherever they stand: those of fields that are marked in every type, and those of secrets. */
  names: string[]
}

/** The list of all subgraphs. */
export const personalList = (documents: readonly DocumentNode[]): PersonalList => {
  const all = documents.flatMap(({ definitions }) =>
    definitions.flatMap((definition) =>
      'fields' in definition && definition.name
        ? (definition.fields ?? [])
            .filter((field) => !directive(field, 'external'))
            .map((field) => ({ type: definition.name!.value, name: field.name.value, kind: kindOf(field) }))
        : [],
    ),
  )
  const marked = all.flatMap(({ type, name, kind }) => (kind ? [[`${type}.${name}`, kind] as const] : []))
  const names = [...Map.groupBy(all, ({ name }) => name)].filter(
    ([, fields]) =>
      fields.every(({ kind }) => kind !== undefined) || fields.some(({ kind }) => kind === 'secret'),
  )
  return {
    fields: Object.fromEntries(marked.toSorted()),
    names: names.map(([name]) => name).sort(),
  }
}

const kindOf = (field: { directives?: readonly ConstDirectiveNode[] }): string | undefined => {
  const kind = directive(field, 'pii')?.arguments?.[0]?.value
  return kind?.kind === Kind.STRING ? kind.value : undefined
}

/**
 * A field computed by `@requires` from others must not be less protected than they are, and what it requires must not
 * take arguments (the planner would feed it the client's argument instead).
 * @throws Error naming the field
 */
export const refuseComputedLeaks = (documents: readonly DocumentNode[]): void => {
  const inputs = new Map<string, FieldDefinitionNode & { hidden: boolean }>()
  const all = types(documents)
  for (const type of all)
    for (const field of ownFields(type))
      inputs.set(`${type.name.value}.${field.name.value}`, {
        ...field,
        hidden: !!directive(field, 'inaccessible'),
      })
  for (const type of all)
    for (const field of ownFields(type)) {
      const selection = directive(field, 'requires')?.arguments?.[0]?.value
      if (selection?.kind !== Kind.STRING) continue
      const name = `${type.name.value}.${field.name.value}`
      if (/[({]/.test(selection.value)) throw new Error(`${name}: @requires may only name plain fields`)
      for (const needed of selection.value.split(/\s+/)) {
        const input = inputs.get(`${type.name.value}.${needed}`)
        if (input?.arguments?.length)
          throw new Error(`${name}: @requires names ${needed}, which takes arguments`)
        // Hidden internals exist to be computed from; anything a client could ask for itself keeps its guard.
        const missing = input && !input.hidden ? scopes(input).filter((s) => !scopes(field).includes(s)) : []
        if (missing.length > 0)
          throw new Error(`${name}: is computed from ${needed} and must ask for ${missing}`)
      }
    }
}
