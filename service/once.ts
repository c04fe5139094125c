/**
 * key      stands for one change that a caller wants made once, however often it is asked for
 * attempt  one run of the gateway for it; whatever that run asks of a subgraph carries both
 *
 * A change with a key notes the key in its own transaction, beside its audit row. When the answer is lost, because the gateway
 * was killed after the commit, another attempt meets the note and is refused: docs/decisions/0027-made-once.md.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingHttpHeaders } from 'node:http'
import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { EventLog } from '#events/log.ts'
import { define } from '#kernel/errors.ts'

export const AlreadyDone = define('ALREADY_DONE', {
  status: 409,
  retry: 'never',
  says: 'This change was made when it was first sent with this Idempotency-Key, but its answer was lost. Look at what it changed; to make another change, send a new key.',
})

export interface Once {
  key: string
  attempt: string
}

const HEADER = 'x-hub-once'
const SHAPE = /^([\da-f-]{36})\.([\da-f-]{36})$/
const storage = new AsyncLocalStorage<Once>()
/** Twice as long as the gateway knows keys, so that none is forgotten here first. */
const KEPT_MS = 2 * 86_400_000
const MOST_FORGOTTEN = 100

/** The key and the attempt of a request, where it has one. */
export const onceOf = (headers: IncomingHttpHeaders): Once | undefined => {
  const [, key, attempt] = SHAPE.exec(String(headers[HEADER] ?? '')) ?? []
  return key && attempt ? { key, attempt } : undefined
}

/** Runs a request under its key. */
export const underKey = <T>(once: Once, run: () => T): T => storage.run(once, run)

/** Whether another attempt has made the change. */
export const wasDone = async (
  database: EventLog['database'],
  orgId: string,
  { key, attempt }: Once,
): Promise<boolean> => {
  const { rows } = await database.read(orgId, (tx) =>
    sql`select 1 from service.done_requests
      where org_id = ${orgId}::uuid and key = ${key} and attempt <> ${attempt}`.execute(over(tx)),
  )
  return rows.length > 0
}

/**
 * Notes, in a change's transaction, that the request under way has made it; without a key it does nothing. Waits for another
 * attempt that is at it.
 * @throws ALREADY_DONE when another attempt has made it
 */
export const noteDone = async (tx: object, orgId: string, at: Date): Promise<void> => {
  const once = storage.getStore()
  if (!once) return
  const { rows } = await sql`
    with forgotten as (
      delete from service.done_requests where org_id = ${orgId}::uuid and key in (
        select key from service.done_requests
        where org_id = ${orgId}::uuid and at < ${new Date(at.getTime() - KEPT_MS)} and key <> ${once.key}
        order by at limit ${MOST_FORGOTTEN} for update skip locked
      )
    )
    insert into service.done_requests as done (org_id, key, attempt, at)
    values (${orgId}::uuid, ${once.key}, ${once.attempt}, ${at})
    on conflict (org_id, key) do update set at = excluded.at where done.attempt = excluded.attempt
    returning 1`.execute(over(tx))
  if (rows.length === 0) throw AlreadyDone.with()
}
