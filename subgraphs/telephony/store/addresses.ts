import { sql } from 'kysely'
import { SHORTEST_MASK } from '../domain/addresses.ts'
import type { Transaction } from './transaction.ts'

/** Addresses that are wanted for a trunk. */
export interface WantedAddresses {
  /** The trunk they are for: its own addresses are no obstacle. Null for a new one. */
  trunkId: string | null
  /** An account whose addresses are no obstacle, since it is left as it is when it is there already. Null: there is none. */
  ban: string | null
  addresses: readonly string[]
}

/** An address that is wanted, and who has it or a part of it. */
export interface Overlap {
  /** Its place among the wanted ones, and the address. */
  n: number
  address: string
  /** The trunk that has it; null when it is wanted twice, by the one at the place `other`. */
  trunkId: string | null
  other: number | null
}

// What is known of an address as `x`: whether it is a network, and the widest network that a trunk may have which it lies in. Addresses of
// two such blocks have nothing in common, so that only those of one block are compared.
const parts = sql`
  masklen(x) < case family(x) when 4 then 32 else 128 end as is_net,
  network(set_masklen(x, case family(x) when 4 then ${SHORTEST_MASK[4]}::int else ${SHORTEST_MASK[6]}::int end)) as block`

/**
 * Which wanted addresses overlap with those of a trunk that is not taken down, or with ones wanted earlier in the list; one statement for
 * all. Nearly all addresses are single ones, which are found by being equal; only networks are compared with each other one of their block.
 */
export const overlapsOf = async (
  tx: Transaction,
  orgId: string,
  wanted: readonly WantedAddresses[],
): Promise<Overlap[]> => {
  if (wanted.every(({ addresses }) => addresses.length === 0)) return []
  const asked = wanted.map((each, n) => ({ n, ...each }))
  const { rows } = await sql<Overlap>`
    with wanted as materialized (
      select w.n, w."trunkId" as trunk_id, w.ban, x as address, ${parts}
      from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as w(n int, "trunkId" uuid, ban text, addresses text[]),
        unnest(w.addresses::inet[]) as a(x)
    ), taken as materialized (
      select t.id as trunk_id, t.ban, null::int as n, x as address, ${parts}
      from telephony.trunks t, unnest(t.ip_addresses) as a(x)
      where t.org_id = ${orgId} and t.status <> 'DELETED'
      union all select null, ban, n, address, is_net, block from wanted
    ), met as (
      select w.*, h.trunk_id as had_by, h.n as other, h.ban as had_in from wanted w join taken h on h.address = w.address
      union all
      select w.*, h.trunk_id, h.n, h.ban from wanted w join taken h on h.block = w.block and h.address && w.address
      where w.is_net
      union all
      select w.*, h.trunk_id, h.n, h.ban from wanted w join taken h on h.is_net and h.block = w.block and h.address && w.address
      where not w.is_net
    )
    select distinct on (n, had_by, other) n, abbrev(address) as address, had_by as "trunkId", other from met
    where case when had_by is null then other < n
      else had_by is distinct from trunk_id and (trunk_id is not null or had_in is distinct from ban) end
    order by n, had_by, other, address`.execute(tx)
  return rows
}
