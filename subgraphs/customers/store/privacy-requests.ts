import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Organisations that HubSpot has asked to forget somebody, whoever waits longest first: for the relay. */
export const organisationsAsked = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{ org_id: string }>`
    select org_id from customers.privacy_requests group by org_id order by min(requested_at), org_id`.execute(
    tx,
  )
  return rows.map((row) => row.org_id)
}

/** Whom HubSpot has asked to forget, the oldest request first. */
export const privacyRequests = async (
  tx: Transaction,
  orgId: string,
  limit: number,
): Promise<{ connectionId: string; externalId: string }[]> => {
  const { rows } = await sql<{ connectionId: string; externalId: string }>`
    select integration_id as "connectionId", external_id as "externalId" from customers.privacy_requests
    where org_id = ${orgId}::uuid order by requested_at, integration_id, external_id limit ${limit}`.execute(
    tx,
  )
  return rows
}

/** Takes a request as one's own to do. False when somebody else has done it meanwhile. */
export const takeRequest = async (
  tx: Transaction,
  orgId: string,
  { connectionId, externalId }: { connectionId: string; externalId: string },
): Promise<boolean> => {
  const { numAffectedRows = 0n } = await sql`
    delete from customers.privacy_requests
    where org_id = ${orgId}::uuid and integration_id = ${connectionId}::uuid and external_id = ${externalId}`.execute(
    tx,
  )
  return numAffectedRows > 0n
}
