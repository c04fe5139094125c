import { isId } from '#kernel/ids.ts'
import { type Connection, connection, keyset, type PageArgs } from '#service/connection.ts'
import { invalid, missing } from '#service/refusal.ts'
import { type ItemPage, listPlans } from '#sync/plans/kept.ts'
import type { Approved, Moved, Unapproved } from '../approve-plan.ts'
import type { ControlLoaders } from '../loaders.ts'
import type { Planned, undoRun } from '../plan-sync.ts'
import type { SyncPlanItemRow, SyncPlanRow } from '../rows.ts'
import type { Asking, Standstill } from '../vendor.ts'
import { BUSY, busy, standstills, type Words } from './runs.ts'

type Fields = SyncPlanItemRow['fields']

const spelt = (value: Fields[string]['from'] | undefined): string | null =>
  value === undefined || value === null ? null : typeof value === 'object' ? value.join(';') : String(value)

const shownFields = (fields: Fields) =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, { from, to, theirs, policy, outcome }]) => ({
      ...{ field, from: spelt(from), to: spelt(to), theirs: spelt(theirs) },
      ...{ policy: policy ?? null, outcome: outcome ?? null },
    }))

type Asked<T> = { [K in keyof T]?: T[K] | null | undefined } | null | undefined
type ItemFilter = Pick<ItemPage, 'type' | 'action' | 'direction' | 'state'>

/** The fields of a plan that are not its row's own. */
export const SyncPlan = {
  integrationId: (plan: SyncPlanRow) => plan.connectionId,
  alsoWaiting: async ({ id }: SyncPlanRow, _: unknown, ctx: ControlLoaders) =>
    (await ctx.besidePlans.load(id)) ?? [],
  items: async (
    { id }: SyncPlanRow,
    { filter, ...args }: PageArgs & { filter?: Asked<ItemFilter> },
    ctx: ControlLoaders,
  ) => {
    const page = keyset(args, 3)
    const { limit, after } = page
    const { type, action, direction, state } = filter ?? {}
    const wanted = { type: type ?? undefined, action: action ?? undefined }
    const rows = await ctx.planItems.load(id, {
      ...{ ...wanted, direction: direction ?? undefined, state: state ?? undefined, limit, after },
    })
    return connection(rows ?? [], page, (row) => [row.type, row.externalId, row.direction])
  },
}

/** The same of what a plan would do with one record. */
export const SyncPlanItem = {
  recordId: (item: SyncPlanItemRow) => item.externalId,
  fields: (item: SyncPlanItemRow) => shownFields(item.fields),
  sourceModifiedAt: (item: SyncPlanItemRow) => item.sourceAt,
  hubVersion: (item: SyncPlanItemRow) => item.ours,
  movedTo: ({ movedTo }: SyncPlanItemRow) =>
    movedTo && { action: movedTo.action, fields: shownFields(movedTo.fields) },
}

const MOST_PLANS = 50

/** Plans of syncs, newest first. */
export const planPage = async (
  ctx: Asking,
  { integrationId, ...args }: PageArgs & { integrationId?: string | null },
): Promise<Connection<SyncPlanRow>> => {
  const page = keyset(args, 2, MOST_PLANS)
  // An id that cannot be ours is nobody's.
  if (integrationId && !isId(integrationId)) return connection([], page, () => [])
  const filter = { connectionId: integrationId ?? undefined }
  const rows = await ctx.db.read(ctx.orgId, (tx) => listPlans(tx, ctx.orgId, filter, page, ctx.clock.now()))
  return connection(rows, page, ({ madeAt, id }) => [madeAt.toISOString(), id])
}

const UNAPPROVED: Readonly<Record<Unapproved, string>> = {
  busy: BUSY,
  'not ready': 'The plan is still being made. Wait until it is READY.',
  expired: 'The plan is too old. Make a new one.',
  over: 'The plan was done, stopped or could not be made. Make a new one.',
  'other hash': 'This is not the hash of the plan. Look at the plan, and send back the hash it has.',
}
const MOVED =
  'Records have changed since the plan was made, so no more is done of it. Look at what has moved, and make a new plan.'

type Undone = Awaited<ReturnType<ReturnType<typeof undoRun>>>

/** What making, approving and undoing answers. @param types kinds of record that a plan can be about */
export const planAnswers = <Run>(
  { vendor, run: shown, standstill: own }: Words<Run>,
  types: readonly string[],
) => {
  const standstill = { ...standstills(vendor), ...own }
  const made = ({ run, ...planned }: Planned) => ({
    ...{ __typename: 'PlanStarted' as const, run: shown(run) },
    ...planned,
  })
  return {
    /** What is wrong with kinds of record that somebody named; undefined when nothing is. */
    wrongTypes: (asked: readonly string[] | null | undefined) =>
      asked && (asked.length === 0 || asked.some((type) => !types.includes(type)))
        ? invalid('types', `Kinds of record are ${types.join(', ')}.`)
        : undefined,

    planned: (planned: Planned | Standstill | 'busy' | null) => {
      if (planned === null) return missing(`The ${vendor} connection`)
      if (planned === 'busy') return busy()
      return typeof planned === 'string' ? invalid('integrationId', standstill[planned]) : made(planned)
    },

    undone: (planned: Undone) => {
      if (planned === null) return missing('The run')
      if (planned === 'busy') return busy()
      if (planned === 'under way') return invalid('runId', 'This run is not over yet. Stop it first.')
      if (planned === 'no change') return invalid('runId', 'This run only made a plan: it changed nothing.')
      return made(planned)
    },

    approved: (approved: Approved | Moved | Unapproved | null) => {
      if (approved === null) return missing('The plan')
      if (typeof approved === 'string')
        return invalid(approved === 'other hash' ? 'hash' : 'planId', UNAPPROVED[approved])
      const { plan } = approved
      if (!('moved' in approved)) {
        const { run, receipt } = approved
        return { __typename: 'PlanApproved' as const, plan, run: shown(run), receipt }
      }
      const code = 'PLAN_MOVED'
      return { __typename: 'PlanMoved' as const, code, message: MOVED, plan, items: approved.moved }
    },
  }
}
