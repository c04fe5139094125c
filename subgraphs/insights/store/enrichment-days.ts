import { sql } from 'kysely'
import type { OutsideProvider } from '../domain/enrichment.ts'
import type { Spent } from '../domain/enrichment-budget.ts'
import type { Transaction } from './transaction.ts'

/** What asking a provider was like on a day. */
export interface EnrichmentDayRow extends Spent {
  answered: number
  ungrounded: number
  failed: number
}

const OUTSIDE: readonly OutsideProvider[] = ['MODEL', 'RESEARCH']

/** What a day has cost so far; providers that were not asked are left out. One statement. */
export const dayOfAsking = async (
  tx: Transaction,
  orgId: string,
  day: string,
): Promise<EnrichmentDayRow[]> => {
  const { rows } = await sql<EnrichmentDayRow>`
    select provider, calls, cost, answered, ungrounded, failed from insights.enrichment_days
    where org_id = ${orgId}::uuid and day = ${day}::date order by provider`.execute(tx)
  return rows
}

/** The same, and nobody else spends of it until the transaction ends. */
export const lockDay = async (tx: Transaction, orgId: string, day: string): Promise<Spent[]> => {
  await sql`
    insert into insights.enrichment_days (org_id, day, provider, calls, cost)
    select ${orgId}::uuid, ${day}::date, provider, 0, 0 from unnest(${OUTSIDE}::text[]) provider
    on conflict do nothing`.execute(tx)
  const { rows } = await sql<Spent>`
    select provider, calls, cost from insights.enrichment_days
    where org_id = ${orgId}::uuid and day = ${day}::date order by provider for update`.execute(tx)
  return rows
}

/** Adds to what a day has cost, and to how it went. One statement. */
export const addToDay = async (
  tx: Transaction,
  orgId: string,
  day: string,
  added: readonly (Pick<EnrichmentDayRow, 'provider'> & Partial<EnrichmentDayRow>)[],
): Promise<void> => {
  if (added.length === 0) return
  await sql`
    insert into insights.enrichment_days as d (org_id, day, provider, calls, cost, answered, ungrounded, failed)
    select ${orgId}::uuid, ${day}::date, r.provider, coalesce(r.calls, 0), coalesce(r.cost, 0), coalesce(r.answered, 0),
      coalesce(r.ungrounded, 0), coalesce(r.failed, 0)
    from json_to_recordset(${JSON.stringify(added)}::json)
      as r(provider text, calls int, cost numeric, answered int, ungrounded int, failed int)
    order by r.provider
    on conflict (org_id, day, provider) do update set
      calls = d.calls + excluded.calls, cost = d.cost + excluded.cost, answered = d.answered + excluded.answered,
      ungrounded = d.ungrounded + excluded.ungrounded, failed = d.failed + excluded.failed`.execute(tx)
}
