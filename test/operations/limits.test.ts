import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type DocumentNode,
  getOperationAST,
  getVariableValues,
  Kind,
  Lexer,
  parse,
  Source,
  TokenKind,
  visit,
} from 'graphql'
import { expect, it } from 'vitest'
import { costOf, readSizes } from '#gateway/limits/cost.ts'
import { DEFAULT_LIMITS } from '#gateway/limits/index.ts'
import { clientSchema } from '#operations/build.ts'
import { loadManifest } from '#operations/manifest.ts'
import { argumentsFor } from '../kit/arguments.ts'

/** What an operation has of what is limited, as armor counts it. */
type Measure = 'bodyBytes' | 'tokens' | 'depth' | 'aliases' | 'directives' | 'cost'
const MEASURES: Measure[] = ['bodyBytes', 'tokens', 'depth', 'aliases', 'directives', 'cost']

const schema = clientSchema()
const sizes = readSizes(
  readFileSync(join(import.meta.dirname, '../../schema/generated/supergraph.graphql'), 'utf8'),
)

const tokensOf = (text: string): number => {
  const lexer = new Lexer(new Source(text))
  let count = 0
  while (lexer.advance().kind !== TokenKind.EOF) count++
  return count
}

const shapeOf = (document: DocumentNode) => {
  let [level, depth, aliases, directives] = [0, 0, 0, 0]
  visit(document, {
    Field: {
      enter: ({ alias, selectionSet }) => {
        if (alias) aliases++
        if (selectionSet) depth = Math.max(depth, ++level)
      },
      leave: ({ selectionSet }) => {
        if (selectionSet) level--
      },
    },
    Directive: () => {
      directives++
    },
  })
  return { depth: depth + 1, aliases, directives }
}

it('no operation of the catalogue comes near a limit, each list as long as it is by itself', () => {
  const measured = loadManifest().operations.map((operation) => {
    const { name, text } = operation
    const document = parse(text)
    const node = getOperationAST(document)!
    expect(
      document.definitions.every(
        ({ kind }) => kind === Kind.OPERATION_DEFINITION || kind === Kind.FRAGMENT_DEFINITION,
      ),
    ).toBe(true)
    const { coerced = {} } = getVariableValues(
      schema,
      node.variableDefinitions ?? [],
      argumentsFor(operation, schema, {}),
    )
    const cost = costOf(document, node, { schema, sizes, variables: coerced, most: Number.POSITIVE_INFINITY })
    return { name, bodyBytes: Buffer.byteLength(text), tokens: tokensOf(text), cost, ...shapeOf(document) }
  })
  const nearest = MEASURES.map((measure) => {
    const { name, [measure]: has } = measured.reduce((a, b) => (b[measure] > a[measure] ? b : a))
    return { measure, name, has, most: DEFAULT_LIMITS[measure] }
  })
  console.table(nearest)
  for (const { measure, name, has, most } of nearest)
    expect([measure, name, has, has <= most * (measure === 'depth' ? 0.85 : 0.7)]).toEqual([
      measure,
      name,
      has,
      true,
    ])
})
