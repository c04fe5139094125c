import { holds, type Principal } from '#kernel/principal.ts'
import { type CountedPage, connection, keyset, type PageArgs } from '#service/connection.ts'
import { invalid, missing, stale } from '#service/refusal.ts'
import { type ContestFilter, countContested, listContested, stateOf } from '#sync/conflicts.ts'
import { type ManyResolved, MOST_RESOLVED, type Resolved, type Side } from '../resolve-conflicts.ts'
import type { ConflictRow } from '../rows.ts'
import type { Asking, Said } from '../vendor.ts'
import { own } from './asked.ts'

/** How what is answered of conflicts names the vendor's side, and who may see what either side says. */
export interface Contest<System extends string, Asker> {
  system: System
  /** Whoever may see records may see their values, */
  scope: string
  /** except what is said of persons: that only those see who may see persons. */
  isPersonal(conflict: ConflictRow, ctx: Asker): boolean | Promise<boolean>
}

/** Whether somebody may see personal data that is in no field of its own. */
const maySeePersons = (principal: Principal): boolean => holds(principal, ['pii:read'])

const isMasked = async <Asker extends Asking>(
  { scope, isPersonal }: Contest<string, Asker>,
  conflict: ConflictRow,
  ctx: Asker,
): Promise<boolean> =>
  !holds(ctx.principal, [scope]) || (!maySeePersons(ctx.principal) && (await isPersonal(conflict, ctx)))

type Outcome = ConflictRow['outcome']

/** The fields of a conflict that are not its row's own, and are called alike whatever the vendor. */
export const conflictFields = <System extends string, Asker extends Asking>(
  contest: Contest<System, Asker>,
) => {
  const OUTCOMES: Readonly<Record<Exclude<Outcome, 'open'>, System | 'HUB' | 'MERGED' | 'VALUE' | 'NOBODY'>> =
    {
      theirs: contest.system,
      ours: 'HUB',
      merged: 'MERGED',
      value: 'VALUE',
      agreed: 'NOBODY',
      gone: 'NOBODY',
    }
  /** An outcome as the graph names it; null for what is open. */
  const shownOutcome = (outcome: Outcome | null) =>
    outcome === null || outcome === 'open' ? null : OUTCOMES[outcome]
  const shown =
    (of: (conflict: ConflictRow) => ConflictRow['base'] | undefined) =>
    async (conflict: ConflictRow, _: unknown, ctx: Asker) => {
      const value = of(conflict)
      if (value === undefined || (await isMasked(contest, conflict, ctx))) return null
      const isList = Array.isArray(value)
      return { text: value === null || isList ? null : String(value), items: isList ? [...value] : null }
    }
  return {
    fields: {
      integrationId: (conflict: ConflictRow) => conflict.connectionId,
      recordId: (conflict: ConflictRow) => conflict.externalId,
      hubId: (conflict: ConflictRow) => conflict.localId,
      state: stateOf,
      outcome: (conflict: ConflictRow) => shownOutcome(conflict.outcome),
      personal: (conflict: ConflictRow, _: unknown, ctx: Asker) => contest.isPersonal(conflict, ctx),
      masked: (conflict: ConflictRow, _: unknown, ctx: Asker) => isMasked(contest, conflict, ctx),
      agreed: shown((conflict) => conflict.base),
      hub: shown((conflict) => conflict.ours),
      chosen: shown((conflict) => conflict.chosen?.value),
      hubChangedAt: (conflict: ConflictRow) => conflict.oursAt,
      wouldHave: (conflict: ConflictRow) => shownOutcome(conflict.would),
    },
    /** What the vendor has, and since when. */
    theirs: shown((conflict) => conflict.theirs),
    theirsAt: (conflict: ConflictRow) => conflict.theirsAt,
  }
}

type Asked<T> = { [K in keyof T]?: T[K] | null | undefined }
type AskedConflicts = Asked<
  Pick<ContestFilter, 'field' | 'state' | 'since' | 'until'> & { integrationId: string; hubId: string }
>

/** Which conflicts somebody means. */
export const contestFilter = (
  asked: AskedConflicts | null | undefined,
  type: string | null | undefined,
): ContestFilter => ({
  connectionId: own(asked?.integrationId),
  type: type ?? undefined,
  field: asked?.field ?? undefined,
  state: asked?.state ?? undefined,
  localId: own(asked?.hubId),
  since: asked?.since ?? undefined,
  until: asked?.until ?? undefined,
})

/** Conflicts, those that were met last first. */
export const conflictPage = async (
  ctx: Asking,
  filter: ContestFilter,
  args: PageArgs,
): Promise<CountedPage<ConflictRow>> => {
  const page = keyset(args, 2)
  const rows = await ctx.db.read(ctx.orgId, (tx) => listContested(tx, ctx.orgId, filter, page))
  return {
    ...connection(rows, page, ({ decidedAt, id }) => [decidedAt.toISOString(), id]),
    count: () => ctx.db.read(ctx.orgId, (tx) => countContested(tx, ctx.orgId, filter)),
  }
}

/** How a conflict is to end, as somebody says it: for one side, or with a value of their own. */
export const choices = <System extends string>(system: System) => {
  const side = (choice: System | 'HUB'): Side => (choice === system ? 'theirs' : 'ours')
  return {
    /** Or why it cannot be said so. */
    one: (choice: System | 'HUB' | 'VALUE', said: Said) => {
      if (choice === 'VALUE') return said
      if (said.text !== null || said.items !== null)
        return invalid('choice', 'A value is said with VALUE only.')
      return side(choice)
    },
    /** The same for several. */
    many: (choice: System | 'HUB' | 'VALUE', ids: readonly string[] | null | undefined, filter: unknown) => {
      if (choice === 'VALUE') return invalid('choice', `Several are decided for one side: ${system} or HUB.`)
      if (!ids && !filter) return invalid('ids', 'Say which conflicts: by their ids, or by a filter.')
      if ((ids?.length ?? 0) > MOST_RESOLVED)
        return invalid('ids', `Name at most ${MOST_RESOLVED} conflicts at a time.`)
      return side(choice)
    },
  }
}

/** What deciding a conflict answers. @param name what the graph calls the answer */
export const resolvedOne = <Name extends string>(done: Resolved, name: Name) => {
  if ('missing' in done) return missing('The conflict')
  if ('currentVersion' in done) return stale('The conflict', done.currentVersion)
  if ('wrong' in done) return invalid('value', done.wrong)
  return { __typename: name, ...done }
}

/** What deciding several answers. */
export const resolvedMany = ({ outcomes, ...done }: ManyResolved) => {
  const resolved = outcomes.filter(({ state }) => state === 'RESOLVED').length
  return { __typename: 'ConflictsResolved' as const, resolved, items: outcomes, ...done }
}
