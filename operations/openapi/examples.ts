/** What an operation is asked with and answers, as an example. */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  parseType,
  typeFromAST,
} from 'graphql'
import type { Operation } from '../manifest.ts'
import { sampleAnswer, sampleInput } from './samples.ts'

export interface Example {
  /** Those that have to be sent, and those of the path. */
  variables: Record<string, unknown>
  /** What a route without a shape answers. */
  body: unknown
}

/** The example of an operation, worked out from its document. @param schema the schema clients see */
export const exampleOf = (operation: Operation, schema: GraphQLSchema): Example => {
  const document = parse(operation.text)
  const node = getOperationAST(document) as OperationDefinitionNode
  const inPaths = operation.routes.map(({ path }) => path).join()
  const sent = operation.variables.filter(({ name, required }) => required || inPaths.includes(`{${name}}`))
  const answer = sampleAnswer(schema, document, schema.getRootType(node.operation)!, node.selectionSet)
  const [only] = operation.roots
  return {
    variables: Object.fromEntries(
      sent.map(({ name, type }) => [
        name,
        sampleInput(typeFromAST(schema, parseType(type) as never) as GraphQLInputType, operation.name, name),
      ]),
    ),
    body: operation.roots.length === 1 && only ? answer[only] : answer,
  }
}
