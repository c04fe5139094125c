import type pg from 'pg'
import { rowsRole, type Subgraph } from '#db/databases.ts'

/**
 * Tables that the relay role may read across organisations, and why: routing, never content of tenants beyond it.
 * A table added here is a decision.
 */
export const RELAY_MAY_PASS: Readonly<Record<string, string>> = {
  'events.outbox': 'the sequencer gives every organisation’s batches their positions',
  'events.batches': 'the sequencer writes it, the feed and the shared tail read it',
  'events.recorded': 'the feed and the shared tail read it, and it is forgotten in time',
  'events.organisations': 'a snapshot has to know whom to walk through',
  'events.marks': 'consumers take organisations in turn',
  'events.parked': 'parked events are replayed whoever they belong to',
  'sync.runs': 'runs that a dead process left behind are taken up again, whoever they belong to',
  'sync.signals':
    'a vendor’s message names a record before it names an organisation; readers take organisations in turn',
  'sync.schedules': 'what is due by the clock, looked for across organisations; the relay may only read it',
  'sync.signal_lanes': 'whose turn it is to be read, across organisations',
  'sync.outgoing': 'which organisations have something to write: writers take them in turn',
  'sync.outgoing_lanes': 'whose turn it is to be written, across organisations',
  'customers.renewals':
    'when tokens are due and which key seals them, without the tokens: workers look for both',
  'customers.integrations':
    'whose a portal’s webhooks are, asked before any organisation is known; the relay is granted ids and status only',
  'customers.webhook_deliveries':
    'settling and forgetting has to learn which organisations have deliveries; the relay is granted status and time only',
  'customers.golden_turns':
    'which organisations have customers that do not follow their rules yet: their loop has to learn it',
  'customers.twin_policies': 'for which portals customers are made companies: the clock has to learn it',
  'customers.rederivations': 'which organisations have records to derive anew: their loop has to learn it',
  'customers.identity_due':
    'which organisations have accounts to match: the loop has to learn it; the relay is granted that there are some, and not which',
  'customers.privacy_requests':
    'which organisations HubSpot has asked to forget somebody; the relay is granted that there is one, and not who',
  'inventory.advice_due':
    'which organisations have something to be advised on: the loop has to learn it; the relay is granted that there is something, and not what',
  'inventory.webhook_secrets':
    'whose a connection’s webhooks are, asked before any organisation is known; the relay is granted ids only, no secret',
  'inventory.webhook_deliveries':
    'settling and forgetting has to learn which organisations have deliveries; the relay is granted status and time only',
  'telephony.organisations':
    'for which organisations days are closed; the relay is granted that they are there, and nothing of them',
  'telephony.watched':
    'which organisations are looked after every five minutes: whoever does has to learn it; the relay is granted ids only',
  'telephony.credit_sharing':
    'in which organisations trunks have yet to follow a new credit rule: the loop has to learn it; the relay is granted ids only',
  'telephony.fresh_usage':
    'which organisations have usage that nobody has judged: the loop has to learn it; the relay is granted that there is some, and not whose',
  'service.audit_log':
    'what is older than it is kept is forgotten, whoever it belongs to; the relay may delete such rows and read none',
  'hub.log_levels':
    'a process writes one log for all organisations; the relay is granted areas and levels, and not whose they are',
  'hub.audit_entries':
    'what is older than it is kept is forgotten, whoever it belongs to; the relay may delete such rows and read none',
  'hub.member_routes':
    'to which organisations somebody belongs, by marks that give no address away, asked before any organisation is known',
  'hub.session_routes':
    'whose session a browser holds, asked before any organisation is known; hashes and ids only',
  'hub.organisation_routes': 'which organisation a slug means, asked before any organisation is known',
  'hub.partner_webhooks':
    'which webhooks have something to be sent: whoever sends has to learn it; the relay is granted ids and times, and not where to',
  'hub.outward_heads':
    'which organisations keep changes and deliveries that have to be forgotten; the relay is granted that they do, and not how many',
  'hub.key_routes': 'whose key a hash belongs to, asked before any organisation is known',
  'insights.enrichment_queue':
    'which organisations have somebody to write about: the loop has to learn it; the relay is granted when it is somebody’s turn, and not whose',
  'insights.customers': 'ids and due times: the scoring loop has to learn which organisations have work',
}

/** Tables whose owner may read every organisation, and for which function: it must ask for hub.org_id itself. */
export const OWNER_MAY_PASS: Readonly<Record<string, string>> = {
  'inventory.components':
    'inventory.parts_holding, parts_offered_by and count_offered_by: nor one that asks what holds what',
  'inventory.inventory': 'inventory.parts_holding, which can be asked for what is in stock alone',
  'inventory.stock_levels': 'inventory.parts_holding, which can be asked for what is scarce alone',
  'customers.identities':
    'customers.accounts_near and accounts_with_words: nor one that asks which arrays overlap',
  'customers.customers': 'customers.matching: no index serves a trigram operator under row level security',
}

interface Table {
  table: string
  kind: string
  secured: boolean
  forced: boolean
  invoker: boolean
}
interface Policy {
  table: string
  roles: string[]
  permissive: boolean
  using: string | null
  check: string | null
}

const TABLES = `
  select n.nspname || '.' || c.relname as table, c.relkind::text as kind, c.relrowsecurity as secured, c.relforcerowsecurity as forced,
         coalesce(c.reloptions @> array['security_invoker=true'], false) as invoker
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^(pg_|information_schema$|pgboss)'
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped)
  order by 1`
const POLICIES = `
  select n.nspname || '.' || c.relname as table, p.polpermissive as permissive,
         array(select coalesce(r.rolname, 'public')::text from unnest(p.polroles) o left join pg_roles r on r.oid = o) as roles,
         pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as check
  from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace`
const ROLES = `
  select rolname as role, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as strong,
         array(select g.rolname::text from pg_roles g where g.oid <> r.oid and pg_has_role(r.oid, g.oid, case when g.rolname = $2 then 'usage' else 'member' end)) as groups,
         array(select c.oid::regclass::text from pg_class c where c.relowner = r.oid) as owned
  from pg_roles r where rolname = any($1)`

// Such a function runs as the owner of the tables, so it alone stands between the organisations.
const DEFINERS = `
  select p.oid::regprocedure::text as called, p.prosrc ~ 'hub\\.org_id' as asks,
         coalesce(array_to_string(p.proconfig, ',') ~ 'search_path', false) as pinned
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where p.prosecdef and n.nspname !~ '^(pg_|information_schema$)'`

// As PostgreSQL prints: org_id = nullif(current_setting('hub.org_id', true), '')::uuid
const ORG_ONLY =
  /^\(+org_id = \(?NULLIF\(current_setting\('hub\.org_id'::text, true\), ''::text\)\)?::uuid\)+$/
// The same, asked once in a statement: ( SELECT (nullif(…))::uuid AS "nullif")
const ORG_ONCE =
  /^\(+org_id = \( SELECT \(NULLIF\(current_setting\('hub\.org_id'::text, true\), ''::text\)\)::uuid AS "nullif"\)\)$/
// The organisation and something more is still the organisation.
const ORG_AND =
  /^\(+org_id = \(?NULLIF\(current_setting\('hub\.org_id'::text, true\), ''::text\)\)?::uuid\) AND /

const isOfOrganisation = (expression: string | null): boolean =>
  expression !== null && [ORG_ONLY, ORG_ONCE, ORG_AND].some((form) => form.test(expression))

/** Everything in the connected database by which a row could reach another organisation, as sentences with the table's name. */
export const rowSecurityFaults = async (client: pg.Client, subgraph: Subgraph): Promise<string[]> => {
  const [owner, app, relay] = [`${subgraph}_owner`, `${subgraph}_app`, `${subgraph}_relay`]
  // Taken on for callers who see some rows only; whoever had it at all times would be shown by its policies too.
  const part = rowsRole(subgraph)
  const { rows: tables } = await client.query<Table>(TABLES)
  const { rows: policies } = await client.query<Policy>(POLICIES)
  const { rows: roles } = await client.query<{
    role: string
    strong: boolean
    groups: string[]
    owned: string[]
  }>(ROLES, [[app, relay, part], part])
  const faults = tables.flatMap((table) => faultsOf(table, policies, { owner, app, relay }))
  for (const { role, strong, groups, owned } of roles) {
    if (strong) faults.push(`role ${role} is a superuser, passes row level security or manages roles`)
    for (const group of groups) faults.push(`role ${role} is a member of ${group}`)
    for (const relation of owned) faults.push(`role ${role} owns ${relation}`)
  }
  const { rows: definers } = await client.query<{ called: string; asks: boolean; pinned: boolean }>(DEFINERS)
  for (const { called, asks, pinned } of definers) {
    if (!asks) faults.push(`function ${called} is security definer and does not ask for hub.org_id`)
    if (!pinned) faults.push(`function ${called} is security definer and does not set its search_path`)
  }
  return faults
}

const faultsOf = (
  table: Table,
  policies: readonly Policy[],
  { owner, app, relay }: { owner: string; app: string; relay: string },
): string[] => {
  const name = table.table
  if (table.kind === 'v') return table.invoker ? [] : [`view ${name} has org_id but not security_invoker`]
  if (table.kind !== 'r' && table.kind !== 'p')
    return [`${name} has org_id but is of a kind that cannot have row level security`]
  const faults: string[] = []
  if (!table.secured) faults.push(`${name} has org_id but not: enable row level security`)
  if (!table.forced) faults.push(`${name} has org_id but not: force row level security`)
  const appliesTo = (role: string) =>
    policies.filter(
      (p) => p.table === name && p.permissive && (p.roles.includes(role) || p.roles.includes('public')),
    )
  if (appliesTo(app).length === 0) faults.push(`${name} has no policy for ${app} on the setting hub.org_id`)
  const isClosedTo = (role: string) =>
    appliesTo(role).every(
      (p) =>
        (p.using === null || isOfOrganisation(p.using)) && (p.check === null || isOfOrganisation(p.check)),
    )
  if (!isClosedTo(app)) faults.push(`${name} has a policy for ${app} that is not on the setting hub.org_id`)
  if (!isClosedTo(owner) && !(name in OWNER_MAY_PASS))
    faults.push(`${name} has a policy for ${owner} that is not on the setting hub.org_id`)
  const passes = appliesTo(relay).some((p) => !isOfOrganisation(p.using ?? p.check))
  if (passes && !(name in RELAY_MAY_PASS))
    faults.push(`${name} lets ${relay} see every organisation and is not on the list of routing tables`)
  return faults
}
