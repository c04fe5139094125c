import { type DocumentNode, type GraphQLSchema, TypeInfo, visit, visitWithTypeInfo } from 'graphql'
import personal from '#schema/generated/personal.json' with { type: 'json' }

/** Whether the answer holds a field that the graph calls a secret. */
export const hasSecret = (document: DocumentNode, schema: GraphQLSchema): boolean => {
  let found = false
  const info = new TypeInfo(schema)
  const kinds: Record<string, string> = personal
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: (node) => {
        found ||= kinds[`${info.getParentType()?.name}.${node.name.value}`] === 'secret'
      },
    }),
  )
  return found
}
