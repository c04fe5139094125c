/**
 * Documents that Apollo Server has parsed and validated once, with every rule of ours. Asked again, they are run past it:
 * what is left to check is what may differ from one request to the next, which are variables and what they make it cost.
 */
import {
  type DocumentNode,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  type TypeNode,
} from 'graphql'
import { LRUCache } from 'lru-cache'

/** A document that keeps every rule, and the operation in it. */
export interface Known {
  document: DocumentNode
  operation: OperationDefinitionNode
  operationName: string | undefined
  /** The same text and name of an operation, the same key. */
  key: string
}

/** What may be run, and how many records it could touch. */
export interface Priced {
  known: Known
  cost: number
}

interface Kept extends Known {
  /** Variables that say how long lists are: what an operation costs hangs on them alone. */
  numbers: readonly string[]
  /** What it costs with their values, where that is within the limit. */
  costs: LRUCache<string, number>
}

interface Options {
  schema: GraphQLSchema
  /** What an operation costs with these variables, coerced. @throws when that is too much */
  costOf(known: Known, variables: Record<string, unknown>): number
}

const MOST_DOCUMENTS = 1_000
const MOST_CHARACTERS = 16 * 1024 * 1024
const MOST_NUMBERS = 200

/** Bounded; belongs to one schema. */
export class KnownDocuments {
  readonly #options: Options
  readonly #known = new LRUCache<string, Kept>({
    max: MOST_DOCUMENTS,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (_, id) => id.length,
  })

  constructor(options: Options) {
    this.#options = options
  }

  /** Remembers a document that has passed every rule. @param asked the operation's name as it was asked for */
  add(query: string, asked: string | undefined, known: Known): void {
    const numbers = (known.operation.variableDefinitions ?? []).flatMap(({ type, variable }) =>
      namedIn(type) === 'Int' ? [variable.name.value] : [],
    )
    const costs = new LRUCache<string, number>({ max: MOST_NUMBERS })
    this.#known.set(idOf(query, asked), { ...known, numbers, costs })
  }

  /** What may be run as it is. Undefined for whatever is new or is to be refused: that is Apollo Server's to say. */
  find(
    query: string,
    operationName: string | undefined,
    variables: Readonly<Record<string, unknown>>,
  ): Priced | undefined {
    const kept = this.#known.get(idOf(query, operationName))
    if (!kept) return undefined
    const { schema, costOf } = this.#options
    const { coerced } = getVariableValues(schema, kept.operation.variableDefinitions ?? [], variables)
    if (!coerced) return undefined
    const numbers = JSON.stringify(kept.numbers.map((name) => coerced[name]))
    const known = kept.costs.get(numbers)
    if (known !== undefined) return { known: kept, cost: known }
    try {
      const cost = costOf(kept, coerced)
      kept.costs.set(numbers, cost)
      return { known: kept, cost }
    } catch {
      return undefined // It is refused in the words of whoever looks at it next.
    }
  }
}

// A name that is empty is another than none.
const idOf = (query: string, operationName: string | undefined): string =>
  `${operationName === undefined ? '' : `"${operationName}`}\n${query}`

const namedIn = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedIn(type.type)
