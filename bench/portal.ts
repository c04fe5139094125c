/** A simulated portal that has room for what the hub writes. */
import { setTimeout } from 'node:timers/promises'
import type { Databases } from './draining.ts'
import { askGraph, type Place } from './hub.ts'

const PROVISION = `mutation ($id: ID!) { provisionHubSpot(integrationId: $id) { __typename
  ... on HubSpotProvisioned { problems { message } } ... on Refusal { message } } }`

interface Furnished {
  provisionHubSpot: { problems: { message: string }[]; message?: string }
}

/** Waits until nothing is left to be written to the portal. */
export const written = async ({ customers }: Databases): Promise<void> => {
  for (;;) {
    const { rows } = await customers.query<{ n: number }>('select count(*)::int as n from sync.outgoing')
    if (rows[0]!.n === 0) return
    await setTimeout(50)
  }
}

/** What was made is written to once the portal's properties have been read again. The run that does it reads the companies too. */
const knows = async ({ customers }: Databases, property: string): Promise<void> => {
  const known = `select from customers.portal_properties where name = $1 and archived_at is null
    and not exists (select from sync.runs where state not in ('COMPLETED', 'FAILED', 'CANCELLED'))`
  while ((await customers.query(known, [property])).rowCount === 0) await setTimeout(100)
}

/**
 * Makes the hub's properties in the portal and lets it write there, as somebody who has looked at what would be written.
 * @param property one of those that are made; @throws when they cannot be made
 */
export const furnishPortal = async (
  place: Place,
  databases: Databases,
  token: string,
  property: string,
): Promise<void> => {
  const { rows } = await databases.customers.query<{ id: string }>('select id from customers.integrations')
  const { data, errors } = await askGraph<Furnished>(place.url, token, {
    query: PROVISION,
    variables: { id: rows[0]!.id },
  })
  const { problems = [], message } = data?.provisionHubSpot ?? {}
  const lacks = errors?.[0]?.message ?? message ?? problems[0]?.message
  if (lacks) throw new Error(lacks)
  await databases.customers.query(
    'insert into sync.push_approvals (org_id, connection_id, approved_at) select org_id, id, now() from customers.integrations',
  )
  await knows(databases, property)
  await written(databases)
}
