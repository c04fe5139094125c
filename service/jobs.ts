import { fromKysely, PgBoss, type WorkOptions } from 'pg-boss'
import { over } from '#db/client.ts'
import type { DatabaseUrls } from '#db/databases.ts'
import { isHubError, toPublic } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { Planning } from '#kernel/planning.ts'
import { jobs as jobsDone, timed } from '#telemetry/measures.ts'
import { asFollowing, traceToKeep } from '#telemetry/traces.ts'
import type { JobDefinition, JobOptions, Task } from './job-definition.ts'
import { installJobs, SCHEMA } from './job-schema.ts'
import { holdTurns, type JobTurns, openJobTurns, turnOf } from './job-turns.ts'
import { takeByWhatIsAtWork } from './live-singles.ts'

export { type Attempt, type JobDefinition, type JobOptions, job, type Task, task } from './job-definition.ts'

export interface Jobs extends AsyncDisposable {
  /**
   * Writes a job down in the caller's transaction: it exists when the change does, and not before.
   * @param options.at not before this moment
   * @returns false when an equal job already waits (`single`)
   * @throws ZodError when the payload is not what the definition says
   */
  enqueue<T>(tx: object, definition: JobDefinition<T>, payload: T, options?: { at?: Date }): Promise<boolean>
  /** The same for many, in one statement. */
  enqueueAll<T>(tx: object, definition: JobDefinition<T>, payloads: readonly T[]): Promise<void>
  /** Starts doing jobs in this process. */
  work<Ctx>(tasks: readonly Task<Ctx>[], ctx: Ctx): Promise<void>
}

// With NOTIFY a job starts at once; the poll finds what became due later (retries) and what a lost NOTIFY told.
const POLL_SECONDS = 0.5
// A killed worker is noticed at most this much after its last sign of life, plus one look around.
const SUPERVISE_SECONDS = 5
const STOP_MS = 10_000

/**
 * Opens the jobs of a database: installs or upgrades their schema as its owner, then works as its relay.
 * @param options.definitions every job this process may enqueue or do
 */
export const openJobs = async (options: {
  urls: DatabaseUrls
  definitions: readonly JobOptions[]
  log: Log
}): Promise<Jobs> => {
  const { log } = options
  await installJobs(options.urls.owner, options.definitions, log)
  const boss = new PgBoss({
    connectionString: options.urls.relay,
    application_name: 'tributary jobs',
    max: 4,
    schema: SCHEMA,
    migrate: false,
    createSchema: false,
    reindex: false, // The relay does not own the indexes.
    useListenNotify: true,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
  })
  boss.on('error', (error) => log.warn({ err: error }, 'jobs: the database did not answer'))
  boss.on('warning', ({ message }) => log.warn({ reason: message }, 'jobs: warning'))
  await boss.start()
  const db = boss.getDb()
  takeByWhatIsAtWork(db, options.definitions)
  const turns = openJobTurns(options.urls.relay, (text, values) => db.executeSql(text, values), log)
  return {
    enqueue: async (tx, definition, payload, { at } = {}) => {
      const { data, singletonKey } = toJob(definition, payload)
      const db = fromKysely(over(tx))
      const send = () => boss.send(definition.name, data, { singletonKey, startAfter: at, db })
      if ((await send()) !== null) return true
      // One waits. It may have begun until its turn is held: then another is needed after all.
      await holdTurns(tx, [turnOf(definition.name, singletonKey ?? '')])
      return (await send()) !== null
    },
    enqueueAll: async (tx, definition, payloads) => {
      if (payloads.length === 0) return
      const rows = payloads.map((payload) => toJob(definition, payload))
      const insert = () => boss.insert(definition.name, rows, { db: fromKysely(over(tx)) })
      await insert()
      if (!waitsAlone(definition)) return
      await holdTurns(
        tx,
        rows.map(({ singletonKey = '' }) => turnOf(definition.name, singletonKey)),
      )
      await insert()
    },
    work: async (tasks, ctx) => {
      for (const task of tasks) await startWorking({ boss, turns, log }, task, ctx)
    },
    [Symbol.asyncDispose]: async () => {
      await boss.stop({ graceful: true, timeout: STOP_MS })
      await turns[Symbol.asyncDispose]()
    },
  }
}

/** Whether of equal jobs only one waits. */
const waitsAlone = ({ single }: JobOptions): boolean => single === 'queued' || single === 'both'

/** What jobs are done with. */
interface Bench {
  boss: PgBoss
  turns: JobTurns
  log: Log
}

/** Beside a job's payload: the trace of the request that led to it. */
const TRACE = '_trace'

const toJob = <T>(definition: JobDefinition<T>, payload: T) => {
  const data = definition.payload.parse(payload) as object
  const planning = Planning.current()
  planning?.jobs.push(definition.name)
  planning?.wrote(definition.name, data)
  const trace = traceToKeep()
  return { data: trace ? { ...data, [TRACE]: trace } : data, singletonKey: definition.key?.(payload) }
}

const startWorking = async <Ctx>(bench: Bench, task: Task<Ctx>, ctx: Ctx): Promise<void> => {
  const { boss } = bench
  const { name, batch = 20, concurrency = 1, schedule } = task.definition
  const options = {
    batchSize: batch,
    burstWhenBatchFull: batch > 1,
    localConcurrency: concurrency,
    pollingIntervalSeconds: POLL_SECONDS,
    notifyPollingIntervalSeconds: POLL_SECONDS,
    perJobResults: true,
  } satisfies WorkOptions
  await boss.work<unknown, unknown, typeof options>(name, options, (jobs) =>
    Promise.all(jobs.map((one) => runOne(bench, task, ctx, one))),
  )
  if (schedule)
    await boss.schedule(name, schedule.cron, schedule.payload as object, { tz: schedule.timeZone })
  else await boss.unschedule(name)
}

interface Running {
  id: string
  data: unknown
  retryCount: number
  signal: AbortSignal
}
type Result = { id: string; status: 'completed' | 'failed' | 'deadletter'; output?: object }

const runOne = async <Ctx>(
  { boss, turns, log }: Bench,
  task: Task<Ctx>,
  ctx: Ctx,
  one: Running,
): Promise<Result> => {
  const { definition } = task
  const { name } = definition
  const attempt = { id: one.id, number: one.retryCount + 1, signal: one.signal }
  const { [TRACE]: trace, ...data } = Object(one.data) as { [TRACE]?: string }
  const payload = task.definition.payload.safeParse(data)
  if (!payload.success) {
    log.error(
      { job: name, id: one.id, err: payload.error },
      'a job’s payload is not what its definition says',
    )
    return { id: one.id, status: 'deadletter', output: { code: 'BAD_PAYLOAD' } }
  }
  try {
    if (waitsAlone(definition)) await turns.take(turnOf(name, definition.key?.(payload.data) ?? ''))
    await timed(
      () =>
        asFollowing(`job ${name}`, [trace], { 'hub.attempt': attempt.number }, async () =>
          task.run(payload.data, ctx, attempt),
        ),
      (seconds, error) => jobsDone.observe({ job: name, outcome: error ? 'failed' : 'done' }, seconds),
    )
    log.debug({ job: name, id: one.id, attempt: attempt.number }, 'a job is done')
    return { id: one.id, status: 'completed' }
  } catch (error) {
    return settleFailure(boss, task.definition, one, error, log)
  }
}

/** The error says whether to try again: never ends it, now skips the wait, a named moment replaces the wait. */
const settleFailure = async (
  boss: PgBoss,
  { name, attempts = 10 }: JobDefinition<unknown>,
  one: Running,
  error: unknown,
  log: Log,
): Promise<Result> => {
  const { code, retry, after } = toPublic(error)
  const isLast = retry === 'never' || one.retryCount + 1 >= attempts
  const fields = { job: name, id: one.id, attempt: one.retryCount + 1, err: error }
  if (isLast) log.error(fields, 'a job failed for good')
  else log[isHubError(error) ? 'info' : 'warn'](fields, 'a job failed and will be tried again')
  const output = { code }
  if (retry === 'never') return { id: one.id, status: 'deadletter', output }
  const startAfter = retry === 'now' ? 0 : after
  if (!isLast && startAfter !== undefined) {
    // Settled here, fenced to this attempt; the batch's own settling then finds nothing left to do for it.
    await boss.fail(name, { id: one.id, retryCount: one.retryCount }, output)
    await boss.update(name, undefined, { id: one.id, startAfter })
  }
  return { id: one.id, status: 'failed', output }
}
