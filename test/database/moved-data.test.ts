import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import type { Subgraph } from '#db/databases.ts'
import { migrate } from '#db/migrate.ts'
import { migrationsOf } from '#db/migration-files.ts'
import { session } from '#db/session.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLog } from '#test/kit/log.ts'
import { adminUrl, dropDatabase, TEST_SECRET, temporaryDirectory } from '#test/kit/postgres.ts'
import { ORG_A, ORG_B } from './trial.ts'

const ID = (n: number) => `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`
const AT = '2026-11-20T00:00:00Z'

/** What a migration makes of rows that were there before it: those of two organisations, since nobody is set while it runs. */
const through = async (subgraph: Subgraph, migration: string, plant: string, read: string) => {
  await using root = await temporaryDirectory()
  const databaseName = `test_moved_${randomBytes(6).toString('hex')}`
  const options = { subgraph, databaseName, root: root.path, adminUrl: adminUrl(), secret: TEST_SECRET }
  const all = await migrationsOf(subgraph)
  const at = all.findIndex(({ file }) => file.endsWith(`/${migration}.sql`))
  const apply = async (files: typeof all) => {
    for (const { file, sql } of files) {
      await mkdir(dirname(join(root.path, file)), { recursive: true })
      await writeFile(join(root.path, file), sql)
    }
    await migrate({ ...options, log: silentLog, clock: systemClock })
  }
  const url = new URL(adminUrl())
  url.pathname = `/${databaseName}`
  try {
    await apply(all.slice(0, at))
    await session(url.href, (client) => client.query(plant))
    await apply(all.slice(at, at + 1))
    return (await session(url.href, (client) => client.query(read))).rows as unknown[]
  } finally {
    await dropDatabase(databaseName)
  }
}

const both = (row: (orgId: string, n: number) => string) => [row(ORG_A, 1), row(ORG_B, 2)].join(';')

const integration = (orgId: string, n: number) => `
  insert into customers.integrations (id, org_id, name, base_url, token_sealed, created_at, updated_at)
  values ('${ID(n)}', '${orgId}', 'Portal', 'https://example.com', 'v1.k${n}.sealed', '${AT}', '${AT}')`

it('20261121T0740-connections: a token of before stands among the credentials, with the key that sealed it', async () => {
  const rows = await through(
    'customers',
    '20261121T0740-connections',
    both(integration),
    `select c.org_id, c.mode, c.access_sealed, r.sealed_by from customers.credentials c
      join customers.renewals r on r.integration_id = c.integration_id order by 1`,
  )
  expect(rows).toEqual([
    { org_id: ORG_A, mode: 'TOKEN', access_sealed: 'v1.k1.sealed', sealed_by: 'k1' },
    { org_id: ORG_B, mode: 'TOKEN', access_sealed: 'v1.k2.sealed', sealed_by: 'k2' },
  ])
})

it('20261121T0841-keeping-in-step: connections that kept in step every five minutes do so at once', async () => {
  const rows = await through(
    'customers',
    '20261121T0841-keeping-in-step',
    both(
      (orgId, n) => `
      insert into customers.integrations (id, org_id, name, base_url, frequency, created_at, updated_at)
      values ('${ID(n)}', '${orgId}', 'Portal', 'https://example.com', '${n === 1 ? 'FIVE_MINUTES' : 'DAILY'}', '${AT}', '${AT}')`,
    ),
    'select frequency from customers.integrations order by org_id',
  )
  expect(rows).toEqual([{ frequency: 'REALTIME' }, { frequency: 'DAILY' }])
})

it('20261122T0430-streets-sealed: streets are gone from records of portals that may not have them, and from no others', async () => {
  const rows = await through(
    'customers',
    '20261122T0430-streets-sealed',
    both(
      (orgId, n) => `
      insert into customers.integrations (id, org_id, name, base_url, sends_addresses, created_at, updated_at)
      values ('${ID(n)}', '${orgId}', 'Portal', 'https://example.com', ${n === 2}, '${AT}', '${AT}');
      insert into customers.own_records (org_id, id, integration_id, type, external_id, properties, created_at, changed_at)
      values ('${orgId}', '${ID(n + 10)}', '${ID(n)}', 'numbers', 'n', '{"e911_address": "1 Main St", "cnam": "ACME"}', '${AT}', '${AT}')`,
    ),
    'select properties from customers.own_records order by org_id',
  )
  expect(rows).toEqual([
    { properties: { cnam: 'ACME' } },
    { properties: { e911_address: '1 Main St', cnam: 'ACME' } },
  ])
})

const account = (orgId: string, ban: string, creditLimit: number) => `
  insert into telephony.billing_accounts (org_id, ban, name, status, tier, mrr, credit_limit, currency, payment_terms, payment_method,
    payment_status, created_at, updated_at)
  values ('${orgId}', '${ban}', 'Acme', 'ACTIVE', 'GROWTH', 1, ${creditLimit}, 'USD', 'NET30', 'ACH', 'CURRENT', '${AT}', '${AT}')`

it('20261122T0100-lives-of-accounts-and-trunks: a limit above nothing was agreed, and trunks may carry what is ordered', async () => {
  const rows = await through(
    'telephony',
    '20261122T0100-lives-of-accounts-and-trunks',
    both(
      (orgId, n) => `${account(orgId, 'BAN-1', n === 1 ? 0 : 500)};
      insert into telephony.trunks (org_id, id, ban, name, status, ip_addresses, concurrent_calls, monthly_minutes, partition_id, created_at,
        updated_at)
      values ('${orgId}', '${ID(n)}', 'BAN-1', 'Main', 'ACTIVE', '{}', ${n * 10}, 0, 'p', '${AT}', '${AT}')`,
    ),
    `select a.has_credit_limit, t.allowed_calls from telephony.billing_accounts a join telephony.trunks t on t.org_id = a.org_id
      order by a.org_id`,
  )
  expect(rows).toEqual([
    { has_credit_limit: false, allowed_calls: 10 },
    { has_credit_limit: true, allowed_calls: 20 },
  ])
})

it('20261122T0420-words-of-companies: a limit that an account was given is not given to another', async () => {
  const rows = await through(
    'telephony',
    '20261122T0420-words-of-companies',
    both(
      (orgId, n) => `${account(orgId, 'BAN-1', 500)}; ${account(orgId, 'BAN-2', 500)};
      update telephony.billing_accounts set credit_limit_said = 500 where org_id = '${orgId}' and ban = 'BAN-2';
      insert into telephony.account_customers values ('${orgId}', 'BAN-1', 'c', 1), ('${orgId}', 'BAN-2', 'c', 1);
      insert into telephony.company_credits (org_id, company_id, customer_id, ban, amount, currency, observed_at, said_at) values
        ('${orgId}', 'named', 'c', 'BAN-${n}', 500, 'USD', '${AT}', '${AT}'), ('${orgId}', 'unnamed', 'c', null, 500, 'USD', '${AT}', '${AT}'),
        ('${orgId}', 'silent', 'c', 'BAN-2', null, null, '${AT}', '${AT}')`,
    ),
    'select company_id, given_to from telephony.company_credits order by org_id, company_id',
  )
  const others = [
    { company_id: 'silent', given_to: null },
    { company_id: 'unnamed', given_to: 'BAN-2' },
  ]
  // A company that names an account which was told nothing waits; its word is given once that account can have it.
  expect(rows).toEqual([
    { company_id: 'named', given_to: null },
    ...others,
    { company_id: 'named', given_to: 'BAN-2' },
    ...others,
  ])
})
