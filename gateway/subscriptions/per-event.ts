import type { ExecutionResult } from 'graphql'
import { backoff } from '#kernel/backoff.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import { publicError, revive } from '../errors.ts'
import type { RequestContext } from '../execute.ts'
import { type Subgraph, SubgraphSource } from '../supergraph/source.ts'
import type { Prepared } from './plan.ts'
import type { UpstreamResult } from './upstream.ts'

/** How long an event waits for a part of the graph that has just stopped answering, before it goes out without it. */
const HOLD_MS = 10_000
const TRY_FIRST_MS = 100
const TRY_CAP_MS = 1_000

interface Options {
  prepared: Prepared
  /** A context for one try. */
  context(signal: AbortSignal): RequestContext
  deadlineMs: number
  clock: Clock
  signal: AbortSignal
}

/**
 * Makes a client's result of one event: Apollo's executor runs the plan with the event in the place of its first fetch,
 * so that conditions, rewrites, error places and null bubbling are Apollo's own. Never throws.
 */
export const runEvent = async (event: UpstreamResult, options: Options): Promise<ExecutionResult> => {
  const { prepared, clock, signal } = options
  for (let attempt = 1; ; attempt++) {
    const result = await once(event, options)
    const parts = (result.errors ?? []).flatMap((e) =>
      e.extensions.code === 'HUB_UNAVAILABLE' ? [String(e.extensions.part)] : [],
    )
    const now = clock.now().getTime()
    const isFresh =
      parts.length > 0 && parts.every((part) => now - (downSince(prepared, part) ?? now) < HOLD_MS)
    if (!isFresh || signal.aborted) return result
    await sleep(backoff(attempt, Math.random(), TRY_FIRST_MS, TRY_CAP_MS), signal)
  }
}

const downSince = (prepared: Prepared, part: string): number | undefined => {
  const source = prepared.snapshot.services[part]
  return source instanceof SubgraphSource ? source.downSince : undefined
}

const once = async (
  event: UpstreamResult,
  { prepared, context, deadlineMs }: Options,
): Promise<ExecutionResult> => {
  const { snapshot, part, upstream } = prepared
  const real = snapshot.services[part] as Subgraph
  // Executing merges what it fetches into the event: every try needs one of its own.
  const answer = structuredClone({
    data: event.data ?? null,
    ...(event.errors ? { errors: event.errors } : {}),
  })
  const stand: Subgraph = {
    ask: async (question, around) =>
      question.operation === upstream.query ? (answer as never) : real.ask(question, around),
  }
  const over = new AbortController()
  const deadline = setTimeout(() => over.abort(), deadlineMs)
  const given = context(over.signal)
  const cursor = event.extensions?.cursor
  const extensions = cursor === undefined ? {} : { extensions: { cursor } }
  try {
    const services = { ...snapshot.services, [part]: stand }
    const { data, errors } = await snapshot.run(prepared.perEvent, prepared.operation, given, services)
    const shown = errors?.map((error) => revive(publicError(error, given.log)))
    return { data: data ?? null, ...(shown?.length ? { errors: shown } : {}), ...extensions }
  } catch (error) {
    return { data: null, errors: [revive(publicError(error, given.log))], ...extensions }
  } finally {
    clearTimeout(deadline)
  }
}
