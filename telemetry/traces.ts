/**
 * trace  what one request led to, from the door to SQL and other systems
 * step   a part of it with a beginning and an end. Its name and what is said of it are ours: operations of the catalogue, statements
 *        without their values, codes of errors; never what somebody has sent or what a record says
 *
 * While nobody wants traces there is no maker: nothing of OpenTelemetry is loaded, and nothing is made.
 */
import { isHubError } from '#kernel/errors.ts'
import { asked, whileAsked } from './asked.ts'
import { readTraceParent, type TraceParent, writeTraceParent } from './traceparent.ts'

export type Said = Readonly<Record<string, string | number>>

export interface StepOptions {
  /** Whose part it is; without it a trace begins here. */
  parent?: TraceParent | undefined
  /** What else led to it, of other traces. */
  links?: readonly TraceParent[]
  /** Whether it answers a request, asks another one, or is neither. Default neither. */
  kind?: 'server' | 'client'
  said?: Said
}

/** A step under way. */
export interface Step {
  /** By which what it leads to names it as its parent. */
  trace: TraceParent
  /** @param error what it failed with, if it did: its code is kept, and not its words */
  end(error?: unknown, said?: Said): void
}

/** What makes steps: OpenTelemetry, once somebody wants traces. */
export interface StepMaker {
  begin(name: string, options: StepOptions): Step
}

let maker: StepMaker | undefined

/** From now on steps are made, or are made no more. */
export const makeSteps = (wanted: StepMaker | undefined): void => {
  maker = wanted
}

/** Whether anybody wants traces. */
export const isTraced = (): boolean => maker !== undefined

/** Begins a step that its caller ends; undefined while nobody wants traces. */
export const beginStep = (name: string, options: StepOptions): Step | undefined => maker?.begin(name, options)

/** Does a part of what is being asked for, as a step of its own; simply does it while nobody wants traces. */
export const asStep = <T>(
  name: string,
  options: StepOptions,
  run: () => Promise<T>,
  result?: (value: T) => Said,
): Promise<T> => {
  if (!maker) return run()
  const by = asked()
  const step = maker.begin(name, { parent: by.trace, ...options })
  return whileAsked({ ...by, trace: step.trace }, async () => {
    try {
      const value = await run()
      step.end(undefined, result?.(value))
      return value
    } catch (error) {
      step.end(error)
      throw error
    }
  })
}

/** The trace of what is being done, for what it leads to later: as events, jobs and what waits to be written keep it. */
export const traceToKeep = (): string | undefined => {
  const { trace } = asked()
  return trace && writeTraceParent(trace)
}

/**
 * Does what requests have led to, later or elsewhere, such as a batch of their events: as a part of their trace when it is one, else
 * as a trace of its own that is linked to each of theirs. What it leads to in turn, and lines of the log, go by it too.
 * @param kept traces as `traceToKeep` wrote them; those that cannot be read are left out
 */
export const asFollowing = <T>(
  name: string,
  kept: readonly (string | null | undefined)[],
  said: Said,
  run: () => Promise<T>,
): Promise<T> => {
  const traces = [...new Set(kept)].flatMap((one) => readTraceParent(one) ?? [])
  const first = new Set(traces.map(({ traceId }) => traceId)).size === 1 ? traces[0] : undefined
  const links = first ? [] : traces.slice(0, MOST_LINKS)
  return whileAsked(first ? { trace: first } : {}, () => asStep(name, { parent: first, links, said }, run))
}
const MOST_LINKS = 32

/** What failed, in words of ours: a code or the class of the error. */
export const codeOfError = (error: unknown): string => {
  if (isHubError(error)) return error.code
  if (!(error instanceof Error)) return 'FAILED'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code) ? code : error.constructor.name
}
