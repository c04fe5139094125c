import type {
  CustomerResolvers,
  MutationResolvers,
  QueryResolvers,
  TimelineEntryResolvers,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { isRefusal } from '#service/refusal.ts'
import { postTimelineEvent } from '../commands/post-timeline-event.ts'
import { headlineOf } from '../domain/timeline.ts'
import { TIMELINE_KINDS } from '../domain/timeline-kinds.ts'

export const TimelineEntry: TimelineEntryResolvers = {
  at: (entry) => entry.occurred_at,
  text: ({ kind, tokens }) => headlineOf(kind, tokens),
  tokens: ({ tokens }) => Object.entries(tokens).map(([name, value]) => ({ name, value })),
  integration: ({ integration_id: id }) => ({ id }),
}

export const timelineOfCustomer: NonNullable<CustomerResolvers['timeline']> = async (
  { id },
  { kinds = null, ...args },
  ctx,
) => {
  const page = keyset(args, 2)
  const { limit, after } = page
  const rows = (await ctx.timelines.load(id, { kinds, limit, after })) ?? []
  return connection(rows, page, (row) => [row.occurred_at.toISOString(), row.id])
}

export const timelineQueries: Pick<QueryResolvers, 'timelineKinds'> = {
  timelineKinds: () =>
    TIMELINE_KINDS.map(({ source, tokens, ...kind }) => ({
      ...kind,
      tokens: [...tokens],
      comesByItself: source !== null,
    })),
}

export const timelineMutations: Pick<MutationResolvers, 'postTimelineEvent'> = {
  postTimelineEvent: async (_, { input }, ctx) => {
    const { integrationId = null, at = null, key = null, ...rest } = input
    const posted = await postTimelineEvent(ctx, { ...rest, integrationId, at, key })
    return isRefusal(posted) ? posted : { __typename: 'TimelineEventPosted', ...posted }
  },
}
