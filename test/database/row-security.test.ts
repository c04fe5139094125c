import { describe, expect, it } from 'vitest'
import { SUBGRAPHS } from '#db/databases.ts'
import { session } from '#db/session.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { rowSecurityFaults } from './row-security.ts'
import { NOTES, trial } from './trial.ts'

describe('every table with org_id is closed to other organisations', () => {
  it.each(SUBGRAPHS)('in the %s database', async (subgraph) => {
    await using t = await testDatabase(subgraph)
    expect(await session(t.adminUrl, (client) => rowSecurityFaults(client, subgraph))).toEqual([])
  })
})

const SETTING = "org_id = nullif(current_setting('hub.org_id', true), '')::uuid"
const planted: [string, string, string][] = [
  [
    'no row level security',
    'create table customers.bare (org_id uuid)',
    'customers.bare has org_id but not: enable row level security',
  ],
  [
    'row level security that spares the owner',
    'alter table customers.notes no force row level security',
    'customers.notes has org_id but not: force row level security',
  ],
  [
    'no policy',
    'drop policy organisation on customers.notes',
    'customers.notes has no policy for customers_app on the setting hub.org_id',
  ],
  [
    'a policy that lets everything through beside the right one',
    'create policy open on customers.notes to customers_app using (true)',
    'customers.notes has a policy for customers_app that is not on the setting hub.org_id',
  ],
  [
    'a policy that compares but also lets through',
    `create policy open on customers.notes to public using (${SETTING} or text = 'x')`,
    'customers.notes has a policy for customers_app that is not on the setting hub.org_id',
  ],
  [
    'a policy that checks nothing on writing',
    `create policy open on customers.notes to customers_app using (${SETTING}) with check (true)`,
    'customers.notes has a policy for customers_app that is not on the setting hub.org_id',
  ],
  [
    'a relay that may see a table of content',
    'create policy relay on customers.notes to customers_relay using (true)',
    'customers.notes lets customers_relay see every organisation and is not on the list of routing tables',
  ],
  [
    'an owner that sees everything, and so would every function that runs as him',
    'create policy open on customers.notes to customers_owner using (true)',
    'customers.notes has a policy for customers_owner that is not on the setting hub.org_id',
  ],
  [
    'a function that runs as its owner and does not ask for whom',
    'create function customers.all_notes() returns bigint language sql security definer as $$ select count(*) from customers.notes $$',
    'function customers.all_notes() is security definer and does not ask for hub.org_id',
  ],
  [
    'a view that reads as its owner',
    'create view customers.seen as select * from customers.notes',
    'view customers.seen has org_id but not security_invoker',
  ],
  [
    'a stored copy of rows',
    'create materialized view customers.kept as select * from customers.notes',
    'customers.kept has org_id but is of a kind that cannot have row level security',
  ],
  [
    'an app role that owns a table',
    'create table customers.own (id int); alter table customers.own owner to customers_app',
    'role customers_app owns customers.own',
  ],
]

describe('the check names the table when it finds', () => {
  it.each(planted)('%s', async (_, statement, fault) => {
    await using t = await trial({ files: { 'db/migrations/customers/1.sql': NOTES } })
    const url = new URL(t.migration.adminUrl)
    url.pathname = `/${t.name}`
    const found = await session(url.href, async (client) => {
      const before = await rowSecurityFaults(client, 'customers')
      await client.query(statement)
      return { before, after: await rowSecurityFaults(client, 'customers') }
    })
    expect(found.before).toEqual([])
    expect(found.after).toContain(fault)
  })
})
