import type { MutationResolvers } from '#schema/generated/hub.types.ts'
import { keyMutations } from './api-keys.ts'
import { limitMutations } from './limits.ts'

export const Mutation: MutationResolvers = { ...keyMutations, ...limitMutations }
