import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A kind of part that an owner buys, with the family it prefers. Decimals are texts. */
export interface Preference {
  category: string
  family: string | null
  volumeShare: string
  categoryShare: string
  spent: string
  currency: string
}

/**
 * What each owner prefers, by its accounts: per kind of part and currency the family it spent most on, returns taken off, with exact
 * shares. The kind it spent most on first. One statement for all owners.
 */
export const preferencesOf = async (
  tx: Transaction,
  orgId: string,
  owners: readonly (readonly string[])[],
  { from, until }: { from: Date; until: Date },
): Promise<Preference[][]> => {
  const asked = JSON.stringify(owners.map((accounts, n) => ({ n, accounts })))
  const { rows } = await sql<Preference & { n: number }>`
    with spent as (
      select p.n, t.currency, c.category, c.family, sum(case t.kind when 'SALE' then 1 else -1 end * t.quantity * t.unit_price) as amount
      from jsonb_to_recordset(${asked}::jsonb) as p(n int, accounts uuid[])
      join inventory.transactions t on t.org_id = ${orgId} and t.account_id = any(p.accounts) and t.deleted_at is null
        and t.kind in ('SALE', 'RETURN') and t.occurred_at >= ${from}::timestamptz and t.occurred_at < ${until}::timestamptz
      join inventory.components c on c.org_id = t.org_id and c.id = t.component_id and c.category is not null
      group by p.n, t.currency, c.category, c.family
    ), summed as (
      select *, sum(amount) over (partition by n, currency, category) as of_category, sum(amount) over (partition by n, currency) as of_all,
        row_number() over (partition by n, currency, category order by amount desc, family) as place
      from spent
    )
    select n, category, family, currency, amount::text as spent, round(100 * amount / of_category, 2)::text as "volumeShare",
      round(100 * of_category / of_all, 2)::text as "categoryShare"
    from summed where place = 1 and amount > 0 and of_category > 0 and of_all > 0
    order by n, currency, of_category desc, category`.execute(tx)
  return owners.map((_, n) => rows.filter((row) => row.n === n))
}
