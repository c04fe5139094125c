import { sql } from 'kysely'
import type { AlertSighting } from '../domain/alert-tickets.ts'
import { nameOf, type Sighting, type TrunkState } from '../domain/happenings.ts'
import type { SealedStreet } from '../domain/streets.ts'
import type { TicketSighting, TicketState } from '../domain/ticket-happenings.ts'
import type { Transaction } from './transaction.ts'

/** How accounts, trunks and numbers stood when they were last told of, by name; nobody else changes them until the transaction ends. */
export const toldOf = async (
  tx: Transaction,
  orgId: string,
  asked: readonly Pick<Sighting, 'subject' | 'id'>[],
): Promise<Map<string, Sighting>> => {
  const rows = asked.map(({ subject, id }) => ({ subject, id }))
  const { rows: found } = await sql<{ subject: string; id: string; state: object; observed_at: Date }>`
    select t.subject, t.id, t.state, t.observed_at from customers.timeline_told t
    where t.org_id = ${orgId}::uuid and (t.subject, t.id) in (
      select subject, id from json_to_recordset(${JSON.stringify(rows)}::json) as r(subject text, id text))
    order by t.subject, t.id for update`.execute(tx)
  return new Map(
    found.map(({ subject, id, state, observed_at: at }) => {
      const sighting = { subject, id, state, at: new Date(at).toISOString() } as Sighting
      return [nameOf(sighting), sighting]
    }),
  )
}

/** Keeps how they stand now: one statement. */
export const setTold = async (
  tx: Transaction,
  orgId: string,
  sightings: readonly (Sighting | TicketSighting | AlertSighting)[],
): Promise<void> => {
  if (sightings.length === 0) return
  await sql`
    insert into customers.timeline_told (org_id, subject, id, state, observed_at)
    select ${orgId}::uuid, subject, id, state, at
    from json_to_recordset(${JSON.stringify(sightings)}::json) as r(subject text, id text, state jsonb, at timestamptz)
    order by subject, id
    on conflict (org_id, subject, id) do update set state = excluded.state, observed_at = excluded.observed_at,
      placed_as_of = null`.execute(tx)
}

/** How tickets stood when they were last told of, by id; nobody else changes them until the transaction ends. */
export const toldTickets = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, TicketSighting>> => {
  const { rows } = await sql<{ id: string; state: TicketState; observed_at: Date }>`
    select id, state, observed_at from customers.timeline_told
    where org_id = ${orgId}::uuid and subject = 'TICKET' and id = any(${ids}::text[]) order by id for update`.execute(
    tx,
  )
  return new Map(
    rows.map(({ id, state, observed_at: at }) => [
      id,
      { subject: 'TICKET', id, state, at: new Date(at).toISOString() },
    ]),
  )
}

/** A trunk or a number as its owner tells it. */
export type AssetSighting = Extract<Sighting, { subject: 'TRUNK' | 'NUMBER' }>

/**
 * What portals' records still have to follow, trunks first: trunks and numbers, and the accounts and brands that companies tell of.
 * Nobody else takes them until the transaction ends.
 */
export const unplacedAssets = async (tx: Transaction, orgId: string, limit: number): Promise<Sighting[]> => {
  const { rows } = await sql<{ subject: string; id: string; state: object; observed_at: Date }>`
    select subject, id, state, observed_at from customers.timeline_told
    where org_id = ${orgId}::uuid and subject in ('ACCOUNT', 'TRUNK', 'NUMBER', 'BRAND') and placed_as_of is distinct from observed_at
    order by subject desc, id limit ${limit} for update skip locked`.execute(tx)
  return rows.map(sightingOf)
}

/** How trunks stand, by id. */
export const toldTrunks = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, TrunkState>> => {
  const { rows } = await sql<{ id: string; state: TrunkState }>`
    select id, state from customers.timeline_told
    where org_id = ${orgId}::uuid and subject = 'TRUNK' and id = any(${ids}::text[])`.execute(tx)
  return new Map(rows.map(({ id, state }) => [id, state]))
}

/** Portals' records say what these say now, and the streets of numbers are found in texts: one statement. @param streets by number */
export const notePlaced = async (
  tx: Transaction,
  orgId: string,
  assets: readonly Sighting[],
  streets: ReadonlyMap<string, SealedStreet>,
): Promise<void> => {
  const rows = assets.map(({ subject, id }) => ({ subject, id, ...streets.get(id) }))
  await sql`
    update customers.timeline_told t set placed_as_of = t.observed_at, street_mark = r.mark, street_sealed = r.sealed
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(subject text, id text, mark text, sealed text)
    where t.org_id = ${orgId}::uuid and t.subject = r.subject and t.id = r.id`.execute(tx)
}

/** Which trunks and numbers are to be looked at again. */
export interface Unplacing {
  /** Those of these billing accounts; left out: all. */
  bans?: readonly string[]
  /** Of these, the numbers on these trunks alone. */
  trunkIds?: readonly string[]
}

/** Has trunks, numbers and what companies tell of accounts looked at again, in one order for all: one statement. @returns how many */
export const unplaceAssets = async (
  tx: Transaction,
  orgId: string,
  { bans, trunkIds }: Unplacing,
): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    with found as (
      select subject, id from customers.timeline_told
      where org_id = ${orgId}::uuid and subject in ('ACCOUNT', 'TRUNK', 'NUMBER', 'BRAND')
        and (${bans === undefined} or ban = any(${bans ?? []}::text[]))
        and (${trunkIds === undefined} or state ->> 'trunkId' = any(${trunkIds ?? []}::text[]))
      order by subject, id for update
    ), changed as (
      update customers.timeline_told t set placed_as_of = null from found
      where t.org_id = ${orgId}::uuid and t.subject = found.subject and t.id = found.id returning 1
    )
    select count(*)::int as count from changed`.execute(tx)
  return rows[0]?.count ?? 0
}

/** The trunks and numbers of billing accounts: one statement. */
export const assetsOfAccounts = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<AssetSighting[]> => {
  const { rows } = await sql<{ subject: string; id: string; state: object; observed_at: Date }>`
    select subject, id, state, observed_at from customers.timeline_told
    where org_id = ${orgId}::uuid and subject in ('TRUNK', 'NUMBER') and ban = any(${bans}::text[])`.execute(
    tx,
  )
  return rows.map((row) => sightingOf(row) as AssetSighting)
}

const sightingOf = ({
  subject,
  id,
  state,
  observed_at: at,
}: {
  subject: string
  id: string
  state: object
  observed_at: Date
}) => ({ subject, id, state, at: new Date(at).toISOString() }) as Sighting
