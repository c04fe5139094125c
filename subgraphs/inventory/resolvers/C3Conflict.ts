import {
  choices,
  conflictFields,
  conflictPage,
  contestFilter,
  resolvedMany,
  resolvedOne,
} from '#control/answers/conflicts.ts'
import type {
  C3ConflictResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/inventory.types.ts'
import { isRefusal } from '#service/refusal.ts'
import { resolveConflict, resolveConflicts } from '../commands/control-sync.ts'
import { conflictTypeOf } from '../domain/conflict-types.ts'
import { wordShown } from '../domain/policy.ts'
import { isPersonalField } from '../domain/seeing.ts'

const { fields, theirs, theirsAt } = conflictFields({
  system: 'C3' as const,
  scope: 'inventory:read',
  isPersonal: ({ type, field }) => isPersonalField(type, field),
})

export const C3Conflict: C3ConflictResolvers = {
  ...fields,
  c3: theirs,
  c3ChangedAt: theirsAt,
  policy: (conflict) => wordShown(conflict.word),
  conflictType: ({ field }) => conflictTypeOf(field),
}

export const conflictQueries = {
  c3Conflicts: (_, { filter, ...args }, ctx) => conflictPage(ctx, contestFilter(filter, filter?.type), args),
} satisfies QueryResolvers

const choice = choices('C3')

export const conflictMutations = {
  resolveC3Conflict: async (_, { id, choice: asked, value, expectedVersion }, ctx) => {
    const said = choice.one(asked, { text: value ?? null, items: null })
    if (isRefusal(said)) return said
    return resolvedOne(
      await resolveConflict(ctx, { id, expectedVersion, choice: said }),
      'C3ConflictResolved',
    )
  },

  resolveC3Conflicts: async (_, { ids, filter, choice: asked }, ctx) => {
    const side = choice.many(asked, ids, filter)
    if (isRefusal(side)) return side
    const ask = { ids: ids ?? null, filter: contestFilter(filter, filter?.type), choice: side }
    return resolvedMany(await resolveConflicts(ctx, ask))
  },
} satisfies MutationResolvers
