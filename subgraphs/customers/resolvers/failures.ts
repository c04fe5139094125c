import { isId } from '#kernel/ids.ts'
import type {
  DeadLetterFilter,
  MutationResolvers,
  QueryResolvers,
  SyncLogFilter,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { invalid, missing } from '#service/refusal.ts'
import { dismissDeadLetter } from '../commands/dismiss-dead-letter.ts'
import { replayDeadLetters } from '../commands/replay-dead-letters.ts'
import { countLetters, type LetterFilter, type LogFilter, listLetters, listLogs } from '../store/failures.ts'

const MOST_IDS = 200
const NOTHING = '00000000-0000-0000-0000-000000000000'
/** An id that cannot be ours is nobody's. */
const own = (id: string | null | undefined) => (id ? (isId(id) ? id : NOTHING) : undefined)

const logFilter = (asked: SyncLogFilter | null | undefined): LogFilter => ({
  connectionId: own(asked?.integrationId),
  runId: own(asked?.runId),
  status: asked?.status ?? undefined,
  type: asked?.type ?? undefined,
  externalId: asked?.recordId ?? undefined,
  single: asked?.single ?? undefined,
})

const letterFilter = (asked: DeadLetterFilter | null | undefined): LetterFilter => ({
  ids: asked?.ids?.filter(isId),
  connectionId: own(asked?.integrationId),
  type: asked?.type ?? undefined,
  code: asked?.code ?? undefined,
  state: asked?.state ?? undefined,
})

export const failureQueries: Pick<QueryResolvers, 'syncLogs' | 'deadLetters'> = {
  syncLogs: async (_, { filter, ...args }, ctx) => {
    const page = keyset(args, 2)
    const rows = await ctx.db.read(ctx.orgId, (tx) => listLogs(tx, ctx.orgId, logFilter(filter), page))
    return connection(rows, page, ({ at, id }) => [at.toISOString(), id])
  },

  deadLetters: async (_, { filter: asked, ...args }, ctx) => {
    const page = keyset(args, 2)
    const filter = letterFilter(asked)
    const rows = await ctx.db.read(ctx.orgId, (tx) => listLetters(tx, ctx.orgId, filter, page))
    return {
      ...connection(rows, page, ({ lastFailedAt, id }) => [lastFailedAt.toISOString(), id]),
      count: () => ctx.db.read(ctx.orgId, (tx) => countLetters(tx, ctx.orgId, filter)),
    }
  },
}

export const failureMutations: Pick<MutationResolvers, 'replayDeadLetters' | 'dismissDeadLetter'> = {
  replayDeadLetters: async (_, { filter }, ctx) => {
    if ((filter.ids?.length ?? 0) > MOST_IDS)
      return invalid('filter.ids', `Name at most ${MOST_IDS} dead letters at a time.`)
    return { __typename: 'DeadLettersReplayed', ...(await replayDeadLetters(ctx, letterFilter(filter))) }
  },

  dismissDeadLetter: async (_, { id, because }, ctx) => {
    if (because.trim() === '' || because.length > 500)
      return invalid('because', 'Say in at most 500 letters why the record is set aside.')
    const dismissed = await dismissDeadLetter(ctx, { id, because })
    if (dismissed === null) return missing('The dead letter')
    if (dismissed === 'closed') return invalid('id', 'This dead letter is closed already.')
    return { __typename: 'DeadLetterDismissed', deadLetter: dismissed }
  },
}
