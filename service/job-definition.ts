/**
 * job        something to do later, written down in the transaction that makes it necessary
 * definition its name and the shape of its payload: what others need to enqueue it
 * task       a definition with the function that does it
 * attempt    one run of a job; a task must be safe to repeat, since a process can die between doing and saying so
 */
import type { z } from 'zod'

export interface JobOptions {
  /** Unique in its database, such as `sync-portal`. */
  name: string
  /** How often it is tried in all. Default 10. */
  attempts?: number
  /** The first wait after a failure that says `later`; doubles each time. Default 1 s, at most 5 min. */
  firstDelaySeconds?: number
  /** When a run is given up as hanging. Default 15 min. */
  expiresInSeconds?: number
  /** How many jobs one process takes at a time. They start together and settle together: 1 for long ones. Default 20. */
  batch?: number
  /** How many batches one process runs side by side. Default 1. */
  concurrency?: number
  /** Jobs of one key: `queued` keeps at most one waiting, `active` runs one at a time, `both` does both. Needs `key`. */
  single?: 'queued' | 'active' | 'both'
}

export interface JobDefinition<T> extends JobOptions {
  payload: z.ZodType<T>
  /** What jobs with `single` are told apart by. */
  key?: (payload: T) => string
  /** Enqueues itself by the clock of the database, once per slot however many processes run. */
  schedule?: { cron: string; timeZone?: string; payload: T }
}

/** What a task is told beside its payload. */
export interface Attempt {
  id: string
  /** 1 for the first. */
  number: number
  /** Aborts when the process stops or the job was given to somebody else: what is done after that does not count. */
  signal: AbortSignal
}

export interface Task<Ctx> {
  definition: JobDefinition<unknown>
  run(payload: unknown, ctx: Ctx, attempt: Attempt): Promise<void>
}

/** Names a job. Put it in `jobs/definitions.ts`, where everybody may enqueue it from. */
export const job = <T>(definition: JobDefinition<T>): JobDefinition<T> => definition

/** Says how a job is done. The payload is checked before `run` sees it; one that does not fit fails for good. */
export const task = <T, Ctx>(
  definition: JobDefinition<T>,
  run: (payload: T, ctx: Ctx, attempt: Attempt) => Promise<void>,
): Task<Ctx> => ({
  definition: definition as JobDefinition<unknown>,
  run: (payload, ctx, attempt) => run(payload as T, ctx, attempt),
})
