import pg from 'pg'
import { PgBoss, type QueueOptions } from 'pg-boss'
import type { Log } from '#kernel/log.ts'
import type { JobOptions } from './job-definition.ts'

export const SCHEMA = 'pgboss'
// The least pg-boss allows. A worker shows itself every half of it.
const HEARTBEAT_SECONDS = 10

/** What pg-boss calls them. */
export const POLICIES = { queued: 'short', active: 'singleton', both: 'stately' } as const

const optionsOf = (definition: JobOptions): QueueOptions & { notify: boolean } => ({
  // pg-boss counts the tries after the first.
  retryLimit: (definition.attempts ?? 10) - 1,
  retryDelay: definition.firstDelaySeconds ?? 1,
  retryBackoff: true,
  retryDelayMax: 300,
  expireInSeconds: definition.expiresInSeconds ?? 900,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  deleteAfterSeconds: 24 * 3600,
  notify: true,
})

/** Installs or upgrades the job tables and makes the queues, as the owner: app may only add jobs, relay may do them. */
export const installJobs = async (
  ownerUrl: string,
  definitions: readonly JobOptions[],
  log: Log,
): Promise<void> => {
  const boss = new PgBoss({
    connectionString: ownerUrl,
    application_name: 'tributary jobs migrate',
    max: 2,
    schema: SCHEMA,
    supervise: false,
    schedule: false,
  })
  boss.on('error', (error) => log.warn({ err: error }, 'jobs: installing met an error'))
  await boss.start()
  try {
    const queues = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]))
    for (const definition of definitions) {
      const options = optionsOf(definition)
      const policy = definition.single ? POLICIES[definition.single] : 'standard'
      const there = queues.get(definition.name)
      if (there && there.policy !== policy)
        throw new Error(
          `job ${definition.name} changed from ${there.policy} to ${policy}: give it another name`,
        )
      if (there) await boss.updateQueue(definition.name, options)
      else await boss.createQueue(definition.name, { ...options, policy })
    }
    await boss.getDb().executeSql(grants(ownerUrl))
  } finally {
    await boss.stop({ graceful: false })
  }
}

/** Roles are named by their database's subgraph: `hub_owner`, `hub_app`, `hub_relay`. */
const grants = (ownerUrl: string): string => {
  const owner = decodeURIComponent(new URL(ownerUrl).username)
  const role = (kind: string) => pg.escapeIdentifier(owner.replace(/_owner$/, `_${kind}`))
  return `
    grant usage on schema ${SCHEMA} to ${role('app')}, ${role('relay')};
    grant select on ${SCHEMA}.queue to ${role('app')};
    grant insert, select (id, start_after) on ${SCHEMA}.job, ${SCHEMA}.job_common to ${role('app')};
    grant all on all tables in schema ${SCHEMA} to ${role('relay')};
    grant all on all sequences in schema ${SCHEMA} to ${role('relay')};`
}
