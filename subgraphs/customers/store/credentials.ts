import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** What opens a portal, sealed. TOKEN: a private app's, which lasts; OAUTH: renewed by itself. */
export interface CredentialRow {
  org_id: string
  integration_id: string
  mode: 'TOKEN' | 'OAUTH'
  access_sealed: string
  refresh_sealed: string | null
  issued_at: Date
  expires_at: Date | null
  generation: number
  renewal_id: string | null
  renewal_until: Date | null
  renewal_not_before: Date | null
  renewal_failures: number
}

/** The credentials of a connection; undefined when it was disconnected. */
export const credentialsOf = async (
  tx: Transaction,
  orgId: string,
  integrationId: string,
): Promise<CredentialRow | undefined> => {
  const { rows } = await sql<CredentialRow>`
    select org_id, integration_id, mode, access_sealed, refresh_sealed, issued_at, expires_at, generation, renewal_id, renewal_until,
      renewal_not_before, renewal_failures
    from customers.credentials where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid
    union all
    -- Written by code that is older than the table.
    select org_id, id, 'TOKEN', token_sealed, null, updated_at, null, 0, null, null, null, 0 from customers.integrations n
    where org_id = ${orgId}::uuid and id = ${integrationId}::uuid and token_sealed is not null
      and not exists (select from customers.credentials c where c.integration_id = n.id)`.execute(tx)
  return rows[0]
}

/** NOTIFY channel: some connection's tokens or status have changed. Only a hint; what is remembered is short-lived anyway. */
export const CREDENTIALS_CHANNEL = 'customers_credentials'

/** Tells every process, with the commit, that tokens it remembers may be old. */
export const tellCredentials = async (tx: Transaction): Promise<void> => {
  await sql`select pg_notify(${CREDENTIALS_CHANNEL}, '')`.execute(tx)
}

/** The newest credentials given: they replace whatever was there, a renewal under way included. */
export const writeCredentials = async (
  tx: Transaction,
  given: {
    orgId: string
    integrationId: string
    mode: 'TOKEN' | 'OAUTH'
    accessSealed: string
    refreshSealed: string | null
    expiresAt: Date | null
    dueAt: Date | null
  },
  at: Date,
): Promise<void> => {
  await sql`
    with written as (
      insert into customers.credentials as c (org_id, integration_id, mode, access_sealed, refresh_sealed, issued_at, expires_at, updated_at)
      values (${given.orgId}::uuid, ${given.integrationId}::uuid, ${given.mode}, ${given.accessSealed}, ${given.refreshSealed},
        ${at}::timestamptz, ${given.expiresAt}::timestamptz, ${at}::timestamptz)
      on conflict (integration_id) do update set mode = excluded.mode, access_sealed = excluded.access_sealed,
        refresh_sealed = excluded.refresh_sealed, issued_at = excluded.issued_at, expires_at = excluded.expires_at,
        generation = c.generation + 1, renewal_id = null, renewal_until = null, renewal_not_before = null, renewal_failures = 0,
        updated_at = excluded.updated_at),
    due as (
      insert into customers.renewals (org_id, integration_id, due_at, sealed_by)
      values (${given.orgId}::uuid, ${given.integrationId}::uuid, ${given.dueAt}::timestamptz, ${keyOf(given.accessSealed)})
      on conflict (integration_id) do update set due_at = excluded.due_at, sealed_by = excluded.sealed_by)
    update customers.integrations set token_sealed = ${given.accessSealed}
    where org_id = ${given.orgId}::uuid and id = ${given.integrationId}::uuid`.execute(tx)
}

/**
 * Begins a renewal, unless one is under way or has to wait: the row's lock lets one of any number of callers through. What is
 * written here is what a process that dies during the exchange leaves behind.
 * @param from the generation that is to be replaced
 */
export const beginRenewal = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string; from: number },
  renewal: { id: string; until: Date; now: Date },
): Promise<boolean> => {
  const { rows } = await sql<{ one: number }>`
    update customers.credentials set renewal_id = ${renewal.id}::uuid, renewal_until = ${renewal.until}::timestamptz
    where org_id = ${place.orgId}::uuid and integration_id = ${place.integrationId}::uuid and generation = ${place.from} and mode = 'OAUTH'
      and (renewal_until is null or renewal_until < ${renewal.now}::timestamptz)
      and (renewal_not_before is null or renewal_not_before <= ${renewal.now}::timestamptz)
    returning 1 as one`.execute(tx)
  return rows.length > 0
}

/** Ends a renewal with new tokens. @returns false when it is no longer this one's to end */
export const finishRenewal = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string; renewalId: string },
  tokens: { accessSealed: string; refreshSealed: string | null; expiresAt: Date; dueAt: Date },
  at: Date,
): Promise<boolean> => {
  const { rows } = await sql<{ one: number }>`
    with renewed as (
      update customers.credentials set access_sealed = ${tokens.accessSealed},
        refresh_sealed = coalesce(${tokens.refreshSealed}, refresh_sealed), issued_at = ${at}::timestamptz,
        expires_at = ${tokens.expiresAt}::timestamptz, generation = generation + 1, renewal_id = null, renewal_until = null,
        renewal_not_before = null, renewal_failures = 0, updated_at = ${at}::timestamptz
      where org_id = ${place.orgId}::uuid and integration_id = ${place.integrationId}::uuid and renewal_id = ${place.renewalId}::uuid
      returning integration_id),
    due as (
      update customers.renewals set due_at = ${tokens.dueAt}::timestamptz
      where integration_id in (select integration_id from renewed)),
    older as (
      update customers.integrations set token_sealed = ${tokens.accessSealed}
      where org_id = ${place.orgId}::uuid and id in (select integration_id from renewed))
    select 1 as one from renewed`.execute(tx)
  return rows.length > 0
}

/** Ends a renewal that brought nothing; the next one waits until then. */
export const failRenewal = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string; renewalId: string },
  notBefore: Date,
): Promise<void> => {
  await sql`
    with failed as (
      update customers.credentials set renewal_id = null, renewal_until = null, renewal_not_before = ${notBefore}::timestamptz,
        renewal_failures = renewal_failures + 1
      where org_id = ${place.orgId}::uuid and integration_id = ${place.integrationId}::uuid and renewal_id = ${place.renewalId}::uuid
      returning integration_id)
    update customers.renewals set due_at = ${notBefore}::timestamptz where integration_id in (select integration_id from failed)`.execute(
    tx,
  )
}

/** Nothing is renewed until somebody connects again. */
export const stopRenewing = async (tx: Transaction, orgId: string, integrationId: string): Promise<void> => {
  await sql`
    with stopped as (
      update customers.credentials set renewal_id = null, renewal_until = null
      where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid)
    update customers.renewals set due_at = null where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid`.execute(
    tx,
  )
}

/** Puts the same secrets sealed by a newer key. @returns false when they have been replaced meanwhile */
export const reseal = async (
  tx: Transaction,
  row: CredentialRow,
  sealed: { access: string; refresh: string | null },
): Promise<boolean> => {
  const { rows } = await sql<{ one: number }>`
    with resealed as (
      update customers.credentials set access_sealed = ${sealed.access}, refresh_sealed = ${sealed.refresh}
      where org_id = ${row.org_id}::uuid and integration_id = ${row.integration_id}::uuid and generation = ${row.generation}
        and access_sealed = ${row.access_sealed}
      returning integration_id),
    due as (
      update customers.renewals set sealed_by = ${keyOf(sealed.access)}
      where integration_id in (select integration_id from resealed)),
    older as (
      update customers.integrations set token_sealed = ${sealed.access}
      where org_id = ${row.org_id}::uuid and id in (select integration_id from resealed))
    select 1 as one from resealed`.execute(tx)
  return rows.length > 0
}

/** Forgets what opens the portal. */
export const forgetCredentials = async (
  tx: Transaction,
  orgId: string,
  integrationId: string,
): Promise<void> => {
  await sql`
    with forgotten as (
      delete from customers.credentials where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid),
    due as (
      delete from customers.renewals where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid)
    update customers.integrations set token_sealed = null
    where org_id = ${orgId}::uuid and id = ${integrationId}::uuid`.execute(tx)
}

/** A connection whose tokens need something: to be renewed, or to be sealed by the newest key. */
export interface DueRenewal {
  org_id: string
  integration_id: string
  is_due: boolean
}

/** Of all organisations, the relay's to ask. @param sealedBy the id of the newest key */
export const dueRenewals = async (tx: Transaction, now: Date, sealedBy: string): Promise<DueRenewal[]> => {
  const { rows } = await sql<DueRenewal>`
    select org_id, integration_id, coalesce(due_at <= ${now}::timestamptz, false) as is_due from customers.renewals
    where due_at <= ${now}::timestamptz or sealed_by <> ${sealedBy} order by due_at nulls last limit 100`.execute(
    tx,
  )
  return rows
}

/** The id of the key that a text is sealed by: see kernel/vault. */
export const keyOf = (sealed: string): string => sealed.split('.')[1] ?? ''
