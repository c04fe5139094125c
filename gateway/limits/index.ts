import { ApolloArmor } from '@escape.tech/graphql-armor'
import {
  type DocumentNode,
  GraphQLError,
  type OperationDefinitionNode,
  specifiedRules,
  type ValidationRule,
} from 'graphql'
import { asGraphQLError, TooCostly } from '../errors.ts'
import type { Snapshot } from '../supergraph/snapshot.ts'
import { costOf } from './cost.ts'
import { soundTexts } from './texts.ts'

/** How much one request may ask for. Everything is refused before the first subgraph is asked. */
export interface Limits {
  bodyBytes: number
  tokens: number
  depth: number
  aliases: number
  directives: number
  /** Records one operation could touch. */
  cost: number
  /** Milliseconds until an answer is given with what has come by then. */
  deadlineMs: number
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 256 * 1024,
  tokens: 2_000,
  depth: 12,
  aliases: 30,
  directives: 30,
  cost: 50_000,
  deadlineMs: 15_000,
}

/** The validation rules of the limits, to be run with graphql's own. */
export const limitRules = (limits: Limits): ValidationRule[] => {
  const hidden = { exposeLimits: true }
  const armor = new ApolloArmor({
    maxDepth: { n: limits.depth, ...hidden },
    maxAliases: { n: limits.aliases, ...hidden },
    maxDirectives: { n: limits.directives, ...hidden },
    // The parser stops at the token itself, and `costOf` knows variables, defaults and the sizes in the SDL.
    maxTokens: { enabled: false },
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  }).protect().validationRules
  return [...armor, soundTexts]
}

/** graphql's rules without the one that throws for conditions by variable; `subscriptions/roots.ts` stands in for it. */
export const subscriptionRules = specifiedRules.filter((rule) => rule.name !== 'SingleFieldSubscriptionsRule')

/** Answers what an operation costs: the records it could touch. @throws GraphQLError QUERY_TOO_COSTLY */
export const refuseTooCostly = (
  snapshot: Snapshot,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
  limits: Limits,
): number => {
  const { schema, sizes } = snapshot
  const cost = costOf(document, operation, { schema, sizes, variables, most: limits.cost })
  if (cost > limits.cost) throw asGraphQLError(TooCostly.with({ cost, most: limits.cost }))
  return cost
}

export const isGraphQLError = (error: unknown): error is GraphQLError => error instanceof GraphQLError
