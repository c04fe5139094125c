import {
  choices,
  conflictFields,
  conflictPage,
  contestFilter,
  resolvedMany,
  resolvedOne,
} from '#control/answers/conflicts.ts'
import type { ConflictRow } from '#control/rows.ts'
import type {
  ConflictFilter,
  ConflictResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { isRefusal } from '#service/refusal.ts'
import { resolveConflict, resolveConflicts } from '../commands/control-sync.ts'
import type { Context } from '../context.ts'
import type { RecordType } from '../domain/kinds.ts'
import { wordShown } from '../domain/policy.ts'
import { isPersonalValue } from '../domain/seeing-values.ts'
import { objectOfType, typeOfSynced } from '../domain/showing-policy.ts'

const isPersonal = async ({ connectionId, type, field }: ConflictRow, ctx: Context): Promise<boolean> => {
  const [mapped, catalogs] = await Promise.all([
    ctx.mapped.load(connectionId),
    ctx.catalogs.load(connectionId),
  ])
  const known = catalogs?.get(type)?.find(({ name }) => name === field)
  const seen = known && { name: field, fieldType: known.field_type, isSensitive: known.is_sensitive }
  return isPersonalValue(type, field, mapped?.overrides ?? {}, seen)
}

const { fields, theirs, theirsAt } = conflictFields({
  ...{ system: 'HUBSPOT' as const, scope: 'customers:read', isPersonal },
})

export const Conflict: ConflictResolvers = {
  ...fields,
  objectType: (conflict) => objectOfType(conflict.type as RecordType),
  hubspot: theirs,
  hubspotChangedAt: theirsAt,
  policy: (conflict) => wordShown(conflict.word),
  customer: async (conflict, _, ctx) => {
    const id = await ctx.customerOfRecord.load(conflict.localId)
    return id ? ((await ctx.customers.load(id)) ?? null) : null
  },
}

const filterOf = (asked: ConflictFilter | null | undefined) =>
  contestFilter(asked, asked?.objectType && typeOfSynced(asked.objectType))

export const conflictQueries = {
  conflicts: (_, { filter, ...args }, ctx) => conflictPage(ctx, filterOf(filter), args),
} satisfies QueryResolvers

const choice = choices('HUBSPOT')

export const conflictMutations = {
  resolveHubSpotConflict: async (_, { id, choice: asked, value, items, expectedVersion }, ctx) => {
    const said = choice.one(asked, { text: value ?? null, items: items ?? null })
    if (isRefusal(said)) return said
    return resolvedOne(await resolveConflict(ctx, { id, expectedVersion, choice: said }), 'ConflictResolved')
  },

  resolveHubSpotConflicts: async (_, { ids, filter, choice: asked }, ctx) => {
    const side = choice.many(asked, ids, filter)
    if (isRefusal(side)) return side
    const ask = { ids: ids ?? null, filter: filterOf(filter), choice: side }
    return resolvedMany(await resolveConflicts(ctx, ask))
  },
} satisfies MutationResolvers
