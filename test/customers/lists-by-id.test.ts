import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { DB } from '#db/generated/customers.ts'
import { session } from '#db/session.ts'
import { childrenAfter } from '#subgraphs/customers/store/children.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { DEMO, EMPTY } from '#test/kit/subgraph.ts'

const MANY = 20_000

/** People and notes, those of the first organisation with lower ids than all of the second. */
const FILL = (orgId: string, first: number, count: number) => `
  insert into customers.contacts (id, org_id, integration_id, external_id, properties, valid_from)
  select ('00000000-0000-7000-8000-' || lpad((${first} + n)::text, 12, '0'))::uuid, '${orgId}', '${orgId}', n::text, '{}', '2026-01-01'
  from generate_series(1, ${count}) n;
  insert into customers.notes (id, org_id, integration_id, external_id, noted_at, properties, source_created_at, valid_from)
  select ('00000000-0000-7000-8000-' || lpad((${first} + n)::text, 12, '0'))::uuid, '${orgId}', '${orgId}', n::text, '2026-01-01', '{}', '2026-01-01', '2026-01-01'
  from generate_series(1, ${count}) n;`

it.each(['contacts', 'notes'] as const)(
  'reads no row of another organisation for a page of %s by id, however many that one has before it',
  async (type) => {
    await using bed = await testDatabase<DB>('customers')
    await session(bed.adminUrl, async (client) => {
      await client.query(FILL(DEMO, 0, MANY) + FILL(EMPTY, MANY, MANY))
      await client.query('analyze customers.contacts; analyze customers.notes')
    })
    const page = { filter: {} as never, after: null, limit: 3 }
    const { read, rows } = await bed.database.read(EMPTY, async (tx) => {
      const before = await blocks(tx, type)
      const found = await childrenAfter(tx, EMPTY, type, page)
      return { rows: found, read: (await blocks(tx, type)) - before }
    })
    expect(rows).toHaveLength(3)
    // Twenty thousand rows fill some hundred blocks.
    expect(read).toBeLessThan(20)
  },
)

/** How many blocks of a table and its indexes this transaction has looked at. */
const blocks = async (tx: object, type: string): Promise<number> => {
  const { rows } = await sql<{ blocks: number }>`
    select sum(pg_stat_get_xact_blocks_fetched(c.oid))::integer as blocks from pg_class c
    where c.oid = ${`customers.${type}`}::regclass
      or c.oid in (select indexrelid from pg_index where indrelid = ${`customers.${type}`}::regclass)`.execute(
    tx as never,
  )
  return rows[0]?.blocks ?? 0
}
