/**
 * Callers who may see some customers only, and what hangs on them. The tables themselves hold to it: every tenant table
 * has a restrictive policy, so that no statement can forget it, whichever it is. See docs/decisions/0029.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { isId } from '#kernel/ids.ts'

const customers = new AsyncLocalStorage<readonly string[] | undefined>()

/** Runs something that sees rows of these customers alone; undefined sees all of the organisation. */
export const withinRows = <T>(ids: readonly string[] | undefined, run: () => T): T => customers.run(ids, run)

/** The setting for a transaction that begins now, as SQL beside that of the organisation; empty when all may be seen. */
export const customersSetting = (): string => {
  const ids = customers.getStore()
  if (ids === undefined) return ''
  if (!ids.every(isId)) throw new TypeError('customers are named by their ids')
  // An empty text would mean all customers.
  return `, set_config('hub.customers', '${ids.length > 0 ? ids.join(',') : NOBODY}', true)`
}

const NOBODY = 'nobody'
// Asked once in a statement, and not of every row.
const ALL = "(select nullif(current_setting('hub.customers', true), '') is null)"
const MINE = "string_to_array(current_setting('hub.customers', true), ',')"

const children = (type: string): string =>
  `(integration_id, external_id) in (select e.integration_id, e.from_id from customers.edges e where e.from_type = '${type}')`
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

/** The condition of a table's policy; undefined when it needs none. What is named nowhere is hidden from such callers. */
const conditionOf = ({ name, columns }: TenantTable, tables: ReadonlySet<string>): string | undefined => {
  if (OF_NOBODY.includes(name)) return undefined
  const has = (condition: string | undefined): condition is string =>
    condition !== undefined &&
    [...condition.matchAll(/ from (\w+\.\w+)/g)].every(([, from]) => tables.has(from!))
  const own = OWN[name]
  if (has(own)) return `${ALL} or (${own})`
  if (columns.includes('customer_id')) return `${ALL} or customer_id::text = any (${MINE})`
  const ofAccount = 'ban in (select a.ban from telephony.account_customers a)'
  if (name.startsWith('telephony.') && columns.includes('ban') && has(ofAccount))
    return `${ALL} or ${ofAccount}`
  return ALL
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

/**
 * The statements that give each tenant table of a database the policy it lacks; none when all have it. They bind `:app`, which serves
 * callers: who passes events on, or looks for names in a function of its own, answers nobody by itself.
 */
export const rowScopeChanges = async (client: {
  query(sql: string): Promise<{ rows: unknown[] }>
}): Promise<string[]> => {
  const tables = (await client.query(TABLES)).rows as TenantTable[]
  const names = new Set(tables.map(({ name }) => name))
  return tables.flatMap((table) => {
    const { name, policies } = table
    const condition = conditionOf(table, names)
    const digest = createHash('sha256')
      .update(`to app ${condition ?? ''}`)
      .digest('hex')
    // The name tells what it says: another one is exchanged.
    const policy = `customers_${digest.slice(0, 12)}`
    const drops = policies
      .filter((old) => condition === undefined || old !== policy)
      .map((old) => `drop policy ${old} on ${name};`)
    if (condition === undefined || policies.includes(policy)) return drops.length > 0 ? [drops.join(' ')] : []
    return [
      `${drops.join(' ')} create policy ${policy} on ${name} as restrictive for select to :app using (${condition})`,
    ]
  })
}
