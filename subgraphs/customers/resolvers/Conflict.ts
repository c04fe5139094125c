import { isId } from '#kernel/ids.ts'
import { holds } from '#kernel/principal.ts'
import type {
  ConflictFilter,
  ConflictOutcome,
  ConflictResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { invalid, missing, stale } from '#service/refusal.ts'
import { MOST_RESOLVED, resolveConflict, resolveConflicts } from '../commands/resolve-conflicts.ts'
import type { Context } from '../context.ts'
import type { RecordType } from '../domain/kinds.ts'
import { wordShown } from '../domain/policy.ts'
import { maySeePersons } from '../domain/seeing.ts'
import { isPersonalValue } from '../domain/seeing-values.ts'
import { objectOfType, typeOfSynced } from '../domain/showing-policy.ts'
import {
  type ConflictRow,
  type ContestFilter,
  countContested,
  listContested,
  stateOf,
} from '../store/conflicts.ts'

const OUTCOMES: Readonly<Record<Exclude<ConflictRow['outcome'], 'open'>, ConflictOutcome>> = {
  theirs: 'HUBSPOT',
  ours: 'HUB',
  merged: 'MERGED',
  value: 'VALUE',
  agreed: 'NOBODY',
  gone: 'NOBODY',
}
/** An outcome as the graph names it; null for what is open. */
export const shownOutcome = (outcome: ConflictRow['outcome'] | null): ConflictOutcome | null =>
  outcome === null || outcome === 'open' ? null : OUTCOMES[outcome]

const isPersonal = async ({ connectionId, type, field }: ConflictRow, ctx: Context): Promise<boolean> => {
  const [mapped, catalogs] = await Promise.all([
    ctx.mapped.load(connectionId),
    ctx.catalogs.load(connectionId),
  ])
  const known = catalogs?.get(type)?.find(({ name }) => name === field)
  const seen = known && { name: field, fieldType: known.field_type, isSensitive: known.is_sensitive }
  return isPersonalValue(type, field, mapped?.overrides ?? {}, seen)
}

const isMasked = async (conflict: ConflictRow, ctx: Context): Promise<boolean> =>
  !holds(ctx.principal, ['customers:read']) ||
  (!maySeePersons(ctx.principal) && (await isPersonal(conflict, ctx)))

const shown =
  (of: (conflict: ConflictRow) => ConflictRow['base'] | undefined) =>
  async (conflict: ConflictRow, _: unknown, ctx: Context) => {
    const value = of(conflict)
    if (value === undefined || (await isMasked(conflict, ctx))) return null
    const isList = Array.isArray(value)
    return { text: value === null || isList ? null : String(value), items: isList ? [...value] : null }
  }

export const Conflict: ConflictResolvers = {
  integrationId: (conflict) => conflict.connectionId,
  objectType: (conflict) => objectOfType(conflict.type as RecordType),
  recordId: (conflict) => conflict.externalId,
  hubId: (conflict) => conflict.localId,
  state: stateOf,
  outcome: (conflict) => shownOutcome(conflict.outcome),
  personal: (conflict, _, ctx) => isPersonal(conflict, ctx),
  masked: (conflict, _, ctx) => isMasked(conflict, ctx),
  agreed: shown((conflict) => conflict.base),
  hubspot: shown((conflict) => conflict.theirs),
  hub: shown((conflict) => conflict.ours),
  chosen: shown((conflict) => conflict.chosen?.value),
  hubspotChangedAt: (conflict) => conflict.theirsAt,
  hubChangedAt: (conflict) => conflict.oursAt,
  policy: (conflict) => wordShown(conflict.word),
  wouldHave: (conflict) => shownOutcome(conflict.would),
  customer: async (conflict, _, ctx) => {
    const id = await ctx.customerOfRecord.load(conflict.localId)
    return id ? ((await ctx.customers.load(id)) ?? null) : null
  },
}

const NOTHING = '00000000-0000-0000-0000-000000000000'
/** An id that cannot be ours is nobody's. */
const own = (id: string | null | undefined) => (id ? (isId(id) ? id : NOTHING) : undefined)

/** A filter as the store knows it. */
export const filterOf = (asked: ConflictFilter | null | undefined): ContestFilter => ({
  connectionId: own(asked?.integrationId),
  type: asked?.objectType ? typeOfSynced(asked.objectType) : undefined,
  field: asked?.field ?? undefined,
  state: asked?.state ?? undefined,
  localId: own(asked?.hubId),
  since: asked?.since ?? undefined,
  until: asked?.until ?? undefined,
})

export const conflictQueries = {
  conflicts: async (_, { filter: asked, ...args }, ctx) => {
    const page = keyset(args, 2)
    const filter = filterOf(asked)
    const rows = await ctx.db.read(ctx.orgId, (tx) => listContested(tx, ctx.orgId, filter, page))
    return {
      ...connection(rows, page, ({ decidedAt, id }) => [decidedAt.toISOString(), id]),
      count: () => ctx.db.read(ctx.orgId, (tx) => countContested(tx, ctx.orgId, filter)),
    }
  },
} satisfies QueryResolvers

export const conflictMutations = {
  resolveHubSpotConflict: async (_, { id, choice, value, items, expectedVersion }, ctx) => {
    const said = { text: value ?? null, items: items ?? null }
    if (choice !== 'VALUE' && (said.text !== null || said.items !== null))
      return invalid('choice', 'A value is said with VALUE only.')
    const done = await resolveConflict(ctx, {
      id,
      expectedVersion,
      choice: choice === 'VALUE' ? said : choice,
    })
    if ('missing' in done) return missing('The conflict')
    if ('currentVersion' in done) return stale('The conflict', done.currentVersion)
    if ('wrong' in done) return invalid('value', done.wrong)
    return { __typename: 'ConflictResolved', ...done }
  },

  resolveHubSpotConflicts: async (_, { ids, filter, choice }, ctx) => {
    if (choice === 'VALUE') return invalid('choice', 'Several are decided for one side: HUBSPOT or HUB.')
    if (!ids && !filter) return invalid('ids', 'Say which conflicts: by their ids, or by a filter.')
    if ((ids?.length ?? 0) > MOST_RESOLVED)
      return invalid('ids', `Name at most ${MOST_RESOLVED} conflicts at a time.`)
    const { outcomes, ...done } = await resolveConflicts(ctx, {
      ids: ids ?? null,
      filter: filterOf(filter),
      choice,
    })
    const resolved = outcomes.filter(({ state }) => state === 'RESOLVED').length
    return { __typename: 'ConflictsResolved', resolved, items: outcomes, ...done }
  },
} satisfies MutationResolvers
