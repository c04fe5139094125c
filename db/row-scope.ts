/**
 * Callers who may see some customers only, and what hangs on them. The tables themselves hold to it: such a caller is served
 * under a role of its own, which may read and nothing else, and which each table shows only the rows that are theirs. A table
 * that nothing is said of shows it none, so that no statement can forget it, whichever it is. See docs/decisions/0029.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import pg from 'pg'
import { isId } from '#kernel/ids.ts'
import { roleName, rowsRole, type Subgraph } from './databases.ts'

const { escapeIdentifier: quoted } = pg

const customers = new AsyncLocalStorage<readonly string[] | undefined>()

/** Runs something that sees rows of these customers alone; undefined sees all of the organisation. */
export const withinRows = <T>(ids: readonly string[] | undefined, run: () => T): T => customers.run(ids, run)

/** The setting for a transaction that begins now, as SQL beside that of the organisation; empty when all may be seen. */
export const customersSetting = (): string => {
  const ids = customers.getStore()
  if (ids === undefined) return ''
  if (!ids.every(isId)) throw new TypeError('customers are named by their ids')
  return `, set_config('hub.customers', '${ids.join(',')}', true), set_config('role', regexp_replace(current_user, '_app$', '_rows'), true)`
}

// Asked once in a statement, and not of every row.
const MINE = "(select string_to_array(current_setting('hub.customers', true), ','))::text[]"
const OUR_ORGANISATION = "org_id = nullif(current_setting('hub.org_id', true), '')::uuid"

const children = (type: string): string =>
  `(integration_id, external_id) in (select e.integration_id, e.from_id from customers.edges e where e.from_type = '${type}')`
/** Kinds of records that other programs have ids for. */
const RECORDS = ['companies', 'contacts', 'deals', 'tickets']
const ofRfq = 'rfq_id in (select r.id from inventory.rfqs r)'
const ofC3Account = 'account_id in (select a.account_id from inventory.account_customers a)'

/** Whose a row is, where neither a customer nor a billing account in it says so. Those it refers to have policies of their own. */
const OWN: Readonly<Record<string, string>> = {
  'customers.customers': `id::text = any (${MINE})`,
  'customers.edges':
    "to_type = 'companies' and (integration_id, to_id) in (select c.integration_id, c.external_id from customers.companies c)",
  'customers.contacts': children('contacts'),
  'customers.deals': children('deals'),
  'customers.tickets': children('tickets'),
  'customers.tasks': children('tasks'),
  'customers.notes': children('notes'),
  'customers.external_ids': `(${RECORDS.map(
    (type) => `(type = '${type}' and record_id in (select r.id from customers.${type} r))`,
  ).join(' or ')})`,
  'inventory.c3_accounts': 'id in (select a.account_id from inventory.account_customers a)',
  'inventory.rfqs': ofC3Account,
  'inventory.rfq_lines': ofRfq,
  'inventory.rfq_history': ofRfq,
  'inventory.quotes': ofRfq,
  'inventory.reservations': ofRfq,
  'inventory.transactions': ofC3Account,
}

/** What tells nothing of any customer, and has to be read to answer about one. */
const OF_NOBODY = [
  'customers.integrations',
  'customers.stages',
  'customers.renewal_stages',
  'inventory.components',
  'telephony.organisations',
  'hub.organisations',
  'hub.limits',
]

/** Which rows of a table they see; undefined: none. */
const conditionOf = ({ name, columns }: TenantTable, tables: ReadonlySet<string>): string | undefined => {
  if (OF_NOBODY.includes(name)) return OUR_ORGANISATION
  const of = (condition: string | undefined): string | undefined =>
    condition !== undefined &&
    [...condition.matchAll(/ from (\w+\.\w+)/g)].every(([, from]) => tables.has(from!))
      ? `${OUR_ORGANISATION} and ${condition}`
      : undefined
  const own = of(OWN[name])
  if (own) return own
  if (columns.includes('customer_id')) return of(`customer_id::text = any (${MINE})`)
  if (name.startsWith('telephony.') && columns.includes('ban'))
    return of('ban in (select a.ban from telephony.account_customers a)')
  return undefined
}

interface TenantTable {
  name: string
  columns: string[]
  policies: string[]
}

const TABLES = `
  select n.nspname || '.' || c.relname as name,
    array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    array(select p.polname::text from pg_policy p where p.polrelid = c.oid and p.polname like 'customers_%') as policies
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema$|pgboss)'
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped)
  order by 1`

/** What `app` may read or call, and the role may not yet. */
const LACKING = `
  select 'select on ' || format('%I.%I', n.nspname, c.relname) as what
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm') and n.nspname !~ '^(pg_|information_schema$|pgboss)'
    and has_table_privilege($1, c.oid, 'select') and not has_table_privilege($2, c.oid, 'select')
  union all
  select 'execute on function ' || p.oid::regprocedure::text
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname !~ '^(pg_|information_schema$|pgboss)'
    and has_function_privilege($1, p.oid, 'execute') and not has_function_privilege($2, p.oid, 'execute')
  union all
  select 'usage on schema ' || quote_ident(n.nspname) from pg_namespace n
  where n.nspname !~ '^(pg_|information_schema$|pgboss)'
    and has_schema_privilege($1, n.oid, 'usage') and not has_schema_privilege($2, n.oid, 'usage')`

/** The statements that give the role what it lacks in a database; none when it has everything. */
export const rowScopeChanges = async (
  client: { query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }> },
  subgraph: Subgraph,
): Promise<string[]> => {
  const role = rowsRole(subgraph)
  const lacking = await client.query(LACKING, [roleName(subgraph, 'app'), role])
  const grants = (lacking.rows as { what: string }[]).map(({ what }) => `grant ${what} to ${quoted(role)}`)
  const tables = (await client.query(TABLES)).rows as TenantTable[]
  const names = new Set(tables.map(({ name }) => name))
  const policies = tables.flatMap((table) => {
    const { name, policies: there } = table
    const condition = conditionOf(table, names)
    const digest = createHash('sha256')
      .update(condition ?? '')
      .digest('hex')
    // The name tells what it says: another one is exchanged.
    const policy = condition === undefined ? undefined : `customers_${digest.slice(0, 12)}`
    const drops = there.filter((old) => old !== policy).map((old) => `drop policy ${old} on ${name};`)
    if (policy === undefined || there.includes(policy)) return drops.length > 0 ? [drops.join(' ')] : []
    return [
      `${drops.join(' ')} create policy ${policy} on ${name} for select to ${quoted(role)} using (${condition})`,
    ]
  })
  return [...grants, ...policies]
}
