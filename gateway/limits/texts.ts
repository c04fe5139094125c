/** Texts that no database of the hub can hold: with the character NUL, or with half of a character. */
import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql'
import { BadInput, type HubError } from '#kernel/errors.ts'

const MOST_DEEP = 50
const REASON = 'holds a NUL or half of a character, which no text may'

const isSound = (value: unknown, depth: number): boolean => {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null) return true
  // What is nested deeper is no value of any type of the graph.
  return depth < MOST_DEEP && Object.values(value).every((one) => isSound(one, depth + 1))
}

/** Why variables cannot be taken: the first of them whose texts nobody could keep. */
export const unsoundVariable = (variables: Readonly<Record<string, unknown>>): HubError | undefined => {
  const found = Object.entries(variables).find(([, value]) => !isSound(value, 0))
  return found && BadInput.with({ field: isSound(found[0], 0) ? found[0] : 'variables', reason: REASON })
}

/** The same of texts that are written in a document. */
export const soundTexts = (context: ValidationContext): ASTVisitor => ({
  StringValue: (node) => {
    if (!isSound(node.value, 0)) context.reportError(new GraphQLError(`A text ${REASON}.`, { nodes: node }))
  },
})
