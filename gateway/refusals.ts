import { type GraphQLSchema, isObjectType } from 'graphql'

/** What an operation answered instead of doing it. */
export interface Refused {
  /** The type of the refusal, such as `Missing`. */
  type: string
  code: string
  message: string
  /** What else it says, such as the fields that do not fit. */
  more: Record<string, unknown>
}

/** The refusal that a root field answered; undefined when it answered anything else. */
export const refusalOf = (schema: GraphQLSchema, body: unknown): Refused | undefined => {
  const { __typename: name, code, message, ...more } = (body ?? {}) as Record<string, unknown>
  const type = typeof name === 'string' ? schema.getType(name) : undefined
  if (!isObjectType(type) || !type.getInterfaces().some((one) => one.name === 'Refusal')) return undefined
  return { type: type.name, code: String(code), message: String(message), more }
}
