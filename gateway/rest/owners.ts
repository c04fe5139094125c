/** Which part of the graph answers a field of the supergraph. */
import {
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  parse,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql'
import type { Snapshot } from '../supergraph/snapshot.ts'

interface Owned {
  /** The part, where one alone has it. */
  part: string | undefined
  type: string
}
type Owners = ReadonlyMap<string, Owned>

const known = new WeakMap<Snapshot, Owners>()

type Path = readonly (string | number)[]

/** Selections of one type, at one place. */
interface Place {
  type: string
  set: SelectionSetNode
}

/**
 * The part that was to answer at a place.
 * @param text the operation's document
 * @param path response names and indexes from the operation's root, as errors have it
 * @returns undefined where no one part can be named
 */
export const partAt = (snapshot: Snapshot, text: string, path: Path): string | undefined =>
  walk(snapshot, text, path).part

/** The response names at a place that a part was to answer. */
export const namesOf = (snapshot: Snapshot, text: string, path: Path, part: string): string[] => {
  const { places, document, owners } = walk(snapshot, text, path)
  const fields = places.flatMap(({ type, set }) => fieldsOf(type, set, undefined, document))
  const names = fields.flatMap(({ type, node }) =>
    owners.get(`${type}.${node.name.value}`)?.part === part ? [(node.alias ?? node.name).value] : [],
  )
  return [...new Set(names)]
}

const ROOTS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }

const walk = (snapshot: Snapshot, text: string, path: Path) => {
  const owners = known.get(snapshot) ?? read(snapshot.supergraphSdl)
  known.set(snapshot, owners)
  const document = parse(text)
  const operation = getOperationAST(document)
  let places: Place[] = operation ? [{ type: ROOTS[operation.operation], set: operation.selectionSet }] : []
  let part: string | undefined
  for (const key of path.filter((one) => typeof one === 'string')) {
    const fields = places.flatMap(({ type, set }) => fieldsOf(type, set, key, document))
    const owned = fields.map(({ type, node }) => owners.get(`${type}.${node.name.value}`))
    // What belongs to nobody alone came with what it lies in.
    part = owned.find((one) => one?.part)?.part ?? part
    places = fields.flatMap(({ node }, n) =>
      node.selectionSet && owned[n] ? [{ type: owned[n].type, set: node.selectionSet }] : [],
    )
  }
  return { owners, document, places, part }
}

/** The fields that answer under a name, or all, with the types they are asked of. */
const fieldsOf = (
  type: string,
  set: SelectionSetNode,
  key: string | undefined,
  document: DocumentNode,
): { type: string; node: FieldNode }[] =>
  set.selections.flatMap((one) => {
    if (one.kind === Kind.FIELD)
      return key === undefined || (one.alias ?? one.name).value === key ? [{ type, node: one }] : []
    const fragment =
      one.kind === Kind.INLINE_FRAGMENT
        ? one
        : document.definitions.find(
            (d) => d.kind === Kind.FRAGMENT_DEFINITION && d.name.value === one.name.value,
          )
    if (!fragment || !('selectionSet' in fragment) || !fragment.selectionSet) return []
    const condition = 'typeCondition' in fragment ? fragment.typeCondition?.name.value : undefined
    return fieldsOf(condition ?? type, fragment.selectionSet, key, document)
  })

const read = (supergraphSdl: string): Owners => {
  const owners = new Map<string, Owned>()
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
      continue
    const everywhere = graphs(definition.directives, 'join__type')
    for (const field of definition.fields ?? []) {
      const [first = everywhere.length === 1 ? everywhere[0] : undefined] = graphs(
        field.directives,
        'join__field',
      )
      owners.set(`${definition.name.value}.${field.name.value}`, { part: first, type: named(field.type) })
    }
  }
  return owners
}

type Directives = Extract<DocumentNode['definitions'][number], { directives?: unknown }>['directives']

/** The graphs that directives of a name speak of, without those that only look at the field. */
const graphs = (directives: Directives, name: string): string[] =>
  (directives ?? []).flatMap((directive) => {
    const given = new Map((directive.arguments ?? []).map((one) => [one.name.value, one.value]))
    const graph = given.get('graph')
    return directive.name.value === name && graph?.kind === Kind.ENUM && !given.has('external')
      ? [graph.value.toLowerCase()]
      : []
  })

const named = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : named(type.type))
