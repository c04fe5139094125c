import { type DocumentNode, type GraphQLSchema, TypeInfo, visit, visitWithTypeInfo } from 'graphql'
import { personalKind } from '#kernel/mask.ts'

/** Whether the answer holds a field that the graph calls a secret. */
export const hasSecret = (document: DocumentNode, schema: GraphQLSchema): boolean => {
  let found = false
  const info = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: (node) => {
        found ||= personalKind(node.name.value, String(info.getParentType()?.name)) === 'secret'
      },
    }),
  )
  return found
}
