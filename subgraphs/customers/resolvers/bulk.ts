import { readEvent } from '#schema/events.ts'
import type {
  BulkJobResolvers,
  BulkSelectionInput,
  MutationResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { isRefusal } from '#service/refusal.ts'
import { fromLog } from '#service/subscriptions.ts'
import { type BulkStarted, startChanging, startMaking } from '../commands/start-bulk.ts'
import type { RecordType } from '../domain/kinds.ts'
import { bulkJobsById, listOutcomes } from '../store/bulk.ts'
import type { Selection } from '../store/bulk-selection.ts'

export const BulkJob: BulkJobResolvers = {
  type: (job) => job.type.toUpperCase() as Uppercase<RecordType>,
  createdAt: (job) => job.created_at,
  finishedAt: (job) => job.finished_at,
  outcomes: async ({ id }, { result, ...args }, ctx) => {
    const page = keyset(args, 1)
    const [from = null] = (page.after ?? []) as (number | null)[]
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      listOutcomes(tx, ctx.orgId, id, { result: result ?? null, limit: page.limit, after: from }),
    )
    return connection(rows, page, ({ position }) => [position])
  },
}

const started = <T extends object>(answer: BulkStarted | T) =>
  isRefusal(answer) ? answer : { __typename: 'BulkStarted' as const, ...(answer as BulkStarted) }

const selection = ({ type, ids, tickets, tasks, customers }: BulkSelectionInput): Selection => ({
  type: type.toLowerCase() as RecordType,
  ids: ids ?? null,
  tickets: tickets ?? null,
  tasks: tasks ?? null,
  customers: customers ?? null,
})

export const bulkQueries = {
  bulkJob: async (_, { id }, ctx) => ctx.bulkJobs.load(id),
} satisfies QueryResolvers

export const bulkMutations = {
  bulkCreate: async (_, { records, integrationId = null, idempotencyKey: key = null }, ctx) =>
    started(await startMaking(ctx, { records: [...records], integrationId, key })),
  bulkUpdate: async (_, { select, set, idempotencyKey: key = null }, ctx) =>
    started(await startChanging(ctx, { select: selection(select), set: { ...set }, key })),
  bulkDelete: async (_, { select, idempotencyKey: key = null }, ctx) =>
    started(await startChanging(ctx, { select: selection(select), set: null, key })),
} satisfies MutationResolvers

export const bulkSubscriptions = {
  bulkJobProgressed: {
    subscribe: (_, { id, after }, ctx) =>
      fromLog(ctx, {
        names: ['customers.bulk.progressed'],
        after,
        toValue: async (event) => {
          const told = readEvent('customers.bulk.progressed', event.version, event.payload)
          if (id && told.jobId !== id) return null
          const found = await ctx.db.read(ctx.orgId, (tx) => bulkJobsById(tx, ctx.orgId, [told.jobId]))
          const job = found.get(told.jobId)
          const { jobId, type, ...counts } = told
          // How far it was then: each step is told once.
          return job ? { ...job, ...counts } : null
        },
      }),
  },
} satisfies SubscriptionResolvers
