/** `npm run bench -- identity-hub`: the same through the hub's own database: its looking for pairs, its batches, its loop. */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type pg from 'pg'
import { Universe } from '../connectors/demo/index.ts'
import { openDatabases } from './draining.ts'
import { openPlace } from './hub.ts'
import { type Account, accountsOf, noiseOf, shares } from './identity.ts'
import { recallBy } from './matching.ts'
import { quantile } from './measuring.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'

const PAGE = 5_000
/** From scratch in so many minutes, on two processors. */
const MOST_MINUTES_FOR_100_000 = 10

const idOf = (system: string, n: number): string =>
  system === 'HUBSPOT' ? `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` : `${system}-${n}`

/** Writes accounts as if events had told of them: each is a customer of its own, and nobody has looked at them yet. */
const furnish = async (customers: pg.Client, orgId: string, accounts: readonly Account[]): Promise<void> => {
  for (let from = 0; from < accounts.length; from += PAGE) {
    const rows = accounts.slice(from, from + PAGE).map(({ key, name, ownDomain, place }, at) => ({
      ...{ system: key.system, account_id: idOf(key.system, from + at), name, domain: ownDomain, place },
    }))
    await customers.query(
      `with r as materialized (
        select r.*, gen_random_uuid() as customer_id from json_to_recordset($2::json)
          as r(system text, account_id text, name text, domain text, place text)
      ), met as (
        insert into customers.customers (org_id, id, name, normal_name, domain, kind, created_at, updated_at)
        select $1, customer_id, name, lower(name), domain, 'CUSTOMER', now(), now() from r
      )
      insert into customers.identities (org_id, system, account_id, external_id, customer_id, own_customer_id, linked_by, name, normal_name,
        domain, match_domain, place, source, created_at)
      select $1, system, account_id, account_id, customer_id, customer_id, 'OWN', name, lower(name), domain, domain, place, system, now() from r`,
      [orgId, JSON.stringify(rows)],
    )
  }
  await customers.query('analyze')
}

const due = `insert into customers.identity_due (org_id, system, account_id, marked_at)
  select org_id, system, account_id, now() from customers.identities where org_id = $1`

/** Waits until all accounts have been looked at. @returns milliseconds */
const matched = async (customers: pg.Client, orgId: string, everyMs: number): Promise<number> => {
  const since = performance.now()
  await customers.query("notify customers_matching, ''")
  for (let shown = performance.now(); ; ) {
    const { rows } = await customers.query('select 1 from customers.identity_due where org_id = $1 limit 1', [
      orgId,
    ])
    if (rows.length === 0) return performance.now() - since
    if (performance.now() - shown > 20_000) {
      shown = performance.now()
      const left = await customers.query<{ n: number; step: string }>(
        'select step, count(*)::int as n from customers.identity_due where org_id = $1 group by step order by step',
        [orgId],
      )
      say(left.rows.map(({ step, n }) => `${n} to ${step.toLowerCase()}`).join(', '))
    }
    await setTimeout(everyMs)
  }
}

const transactions = async (customers: pg.Client): Promise<number> => {
  await customers.query('select pg_stat_clear_snapshot()')
  const { rows } = await customers.query<{ n: number }>(
    'select xact_commit::int as n from pg_stat_database where datname = current_database()',
  )
  return rows[0]!.n
}

/** Renames accounts one after the other. @returns milliseconds until each has been judged anew */
const renaming = async (
  customers: pg.Client,
  orgId: string,
  times: number,
  of: number,
): Promise<number[]> => {
  const took: number[] = []
  for (let n = 0; n < times; n += 1) {
    const { rows } = await customers.query<{ system: string; account_id: string }>(
      `update customers.identities set name = name || ' Group' where org_id = $1 and system = 'C3' and account_id = (
        select account_id from customers.identities where org_id = $1 and system = 'C3' order by account_id offset $2 limit 1)
       returning system, account_id`,
      [orgId, Math.floor((n * of) / (times * 4))],
    )
    const [{ system, account_id }] = rows as [{ system: string; account_id: string }]
    await customers.query(
      'insert into customers.identity_due (org_id, system, account_id, marked_at) values ($1, $2, $3, now())',
      [orgId, system, account_id],
    )
    took.push(await matched(customers, orgId, 2))
  }
  return took
}

/** @returns the report of `npm run bench -- identity-hub` @param args `--companies`, `--seed`, `--changes` */
export const benchIdentityHub = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: {
      companies: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '7' },
      changes: { type: 'string', default: '50' },
    },
  })
  const options = {
    companies: Number(values.companies),
    seed: Number(values.seed),
    changes: Number(values.changes),
  }
  const accounts = accountsOf(new Universe(options))
  await using place = await openPlace(1)
  await place.startSimulators()
  await place.start(['hub', 'customers'])
  await using databases = await openDatabases(place, ['hub', 'customers'])
  const { customers } = databases
  const { rows } = await databases.hub.query<{ org_id: string }>(
    "select org_id from hub.organisation_routes where slug <> 'demo' limit 1",
  )
  const orgId = rows[0]!.org_id
  await furnish(customers, orgId, accounts)
  say(`wrote ${accounts.length} accounts`)
  const before = await transactions(customers)
  await customers.query(due, [orgId])
  const minutes = (await matched(customers, orgId, 200)) / 60_000
  const took = (await transactions(customers)) - before
  say(`matched in ${minutes.toFixed(2)} minutes`)
  const placed = new Map(
    (
      await customers.query<{ system: string; account_id: string; customer_id: string }>(
        'select system, account_id, customer_id from customers.identities where org_id = $1',
        [orgId],
      )
    ).rows.map((row) => [row.account_id, row.customer_id]),
  )
  const asked = new Set(
    (
      await customers.query<{ a: string; b: string }>(
        `select a_account_id as a, b_account_id as b from customers.identity_candidates
         where org_id = $1 and kind = 'MATCH' and state <> 'GONE'`,
        [orgId],
      )
    ).rows.flatMap(({ a, b }) => [`${a} ${b}`, `${b} ${a}`]),
  )
  const ids = new Map(accounts.map((account, n) => [account, idOf(account.key.system, n)]))
  const customerOf = (account: Account) => placed.get(ids.get(account)!)!
  const isTogether = (one: Account, two: Account) => customerOf(one) === customerOf(two)
  const isAsked = (one: Account, two: Account) => asked.has(`${ids.get(one)} ${ids.get(two)}`)
  const byNoise = recallBy(accounts, { isTogether, isAsked }, noiseOf)
  const { recall, found } = shares(byNoise.values())
  let [linked, wrong] = [0, 0]
  for (const group of Map.groupBy(accounts, customerOf).values())
    for (const [at, one] of group.entries())
      for (const two of group.slice(at + 1)) {
        linked += 1
        wrong += one.business === two.business ? 0 : 1
      }
  const changed = await renaming(customers, orgId, options.changes, accounts.length)
  return reportOf('identity-hub', options, {
    figures: [
      figure('accounts', accounts.length),
      figure('matched from scratch in', minutes, 'min'),
      figure('transactions', took),
      figure('pairs linked', linked),
      figure('pairs kept to be asked about, or linked', asked.size / 2),
      figure('one changed account, p50', quantile(changed, 0.5), 'ms'),
      figure('one changed account, p95', quantile(changed, 0.95), 'ms'),
    ],
    bars: [
      bar('precision of links', (100 * (linked - wrong)) / linked, 'at least', 99.5, '%'),
      bar('recall of links', recall, 'at least', 85, '%'),
      bar('recall with what is asked about', found, 'at least', 97, '%'),
      bar(
        '100,000 accounts at this pace',
        (minutes * 100_000) / accounts.length,
        'at most',
        MOST_MINUTES_FOR_100_000,
        'min',
      ),
    ],
    detail: { rows: Object.fromEntries(byNoise) },
  })
}
