import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** What C3 signs its webhooks with, as it is kept. */
export interface SecretRow {
  id: string
  integrationId: string
  /** Sealed. */
  secret: string
  madeAt: Date
  setAt: Date | null
  endsAt: Date | null
}

/** Whose a connection is, of all organisations: for the relay. Undefined when it has no secret, so that nothing can be believed. */
export const organisationOf = async (tx: Transaction, integrationId: string): Promise<string | undefined> => {
  const { rows } = await sql<{ org_id: string }>`
    select org_id from inventory.webhook_secrets where integration_id = ${integrationId}::uuid limit 1`.execute(
    tx,
  )
  return rows[0]?.org_id
}

/** The secrets of connections that count, newest first. */
export const secretsOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
  now: Date,
): Promise<SecretRow[]> => {
  const { rows } = await sql<SecretRow>`
    select id, integration_id as "integrationId", secret_sealed as secret, made_at as "madeAt", set_at as "setAt", ends_at as "endsAt"
    from inventory.webhook_secrets
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[])
      and (ends_at is null or ends_at > ${now}::timestamptz)
    order by made_at desc, id desc`.execute(tx)
  return rows
}

/** Writes a secret that C3 is to be told of. It counts from now on. */
export const writeSecret = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string },
  { id, secret }: Pick<SecretRow, 'id' | 'secret'>,
  at: Date,
): Promise<void> => {
  await sql`
    insert into inventory.webhook_secrets (id, org_id, integration_id, secret_sealed, made_at)
    values (${id}::uuid, ${place.orgId}::uuid, ${place.integrationId}::uuid, ${secret}, ${at}::timestamptz)`.execute(
    tx,
  )
}

/** C3 signs with this one from now on: those before count until `until`. Those that count no more are forgotten. */
export const noteSecretSet = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string },
  id: string,
  { at, until }: { at: Date; until: Date },
): Promise<void> => {
  await sql`
    with gone as (
      delete from inventory.webhook_secrets
      where org_id = ${place.orgId}::uuid and integration_id = ${place.integrationId}::uuid and ends_at <= ${at}::timestamptz
    )
    update inventory.webhook_secrets set
      set_at = case when id = ${id}::uuid then ${at}::timestamptz else set_at end,
      ends_at = case when id = ${id}::uuid then null else coalesce(ends_at, ${until}::timestamptz) end
    where org_id = ${place.orgId}::uuid and integration_id = ${place.integrationId}::uuid
      and (ends_at is null or ends_at > ${at}::timestamptz)`.execute(tx)
}

/** Destroys what a connection's webhooks were signed with. */
export const dropSecrets = async (tx: Transaction, orgId: string, integrationId: string): Promise<void> => {
  await sql`
    delete from inventory.webhook_secrets where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid`.execute(
    tx,
  )
}

/** Notes where C3 posts, or why it could not be told. */
export const noteWebhook = async (
  tx: Transaction,
  orgId: string,
  integrationId: string,
  note: { url: string } | { error: string },
  at: Date,
): Promise<void> => {
  const url = 'url' in note ? note.url : null
  const error = 'error' in note ? note.error : null
  await sql`
    update inventory.integrations set webhook_url = coalesce(${url}, webhook_url),
      webhook_set_at = case when ${url}::text is null then webhook_set_at else ${at}::timestamptz end,
      webhook_error = ${error}, webhook_error_at = case when ${error}::text is null then null else ${at}::timestamptz end
    where org_id = ${orgId}::uuid and id = ${integrationId}::uuid`.execute(tx)
}
