/** `npm run bench -- alerts`: from the records of calls that nobody answers until their ticket is in HubSpot. */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Databases, drained, openDatabases } from './draining.ts'
import { askGraph, openPlace, type Place } from './hub.ts'
import { quantile } from './measuring.ts'
import { furnishPortal, written } from './portal.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'
import { waitForRun } from './runs.ts'

const COMPANIES = 200
/** Between two drops: each meets the hub at another moment of what it does by the clock. */
const PAUSE_MS = 700
const LOOK_EVERY_MS = 20
const PATIENCE_MS = 60_000
/** What a ticket of an answer ratio that fell has to say. */
const FIELDS = [
  ...['subject', 'content', 'hs_ticket_priority', 'warp_category', 'warp_subcategory', 'warp_issue_type'],
  ...['warp_trunk_id', 'warp_severity', 'warp_sla_breach', 'warp_technical_details'],
]

interface Ticket {
  properties: Record<string, string | null>
}

/** A trunk whose calls were answered so far. */
interface Trunk {
  id: string
  ban: string
}

const send = async (place: Place, token: string, records: readonly object[]): Promise<void> => {
  const response = await fetch(`${place.url}/api/v1/usage/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
    body: records.map((record) => JSON.stringify(record)).join('\n'),
  })
  const { accepted } = (await response.json()) as { accepted?: number }
  if (accepted !== records.length) throw new Error(`${response.status}: ${accepted} records were taken`)
}

/** Calls over a trunk that began in the last minutes, one a second. */
const callsOver = ({ id }: Trunk, count: number, isAnswered: boolean): object[] => {
  const now = Date.now()
  const outcome = isAnswered ? { answered: true, seconds: 60 } : { answered: false }
  return Array.from({ length: count }, (_, n) => ({
    ...{ id: `${isAnswered ? 'good' : 'bad'}-${id}-${n}`, trunkId: id, kind: 'CALL', ...outcome },
    startedAt: new Date(now - n * 1000).toISOString(),
  }))
}

/** Opens an account with a trunk for so many companies, and waits until the hub knows whose they are. */
const openTrunks = async (place: Place, databases: Databases, count: number): Promise<Trunk[]> => {
  const { rows } = await databases.customers.query<{ name: string; domain: string; customer: string }>(`
    select name, domain, customer_id as customer from customers.companies c
    where match_domain is not null and gone_at is null
      and not exists (select from customers.companies o where o.customer_id = c.customer_id and o.id <> c.id)
    order by external_id`)
  const accounts = rows.map(({ name, domain }, n) => ({
    ...{ ban: `BENCH-${n}`, name, domain },
    trunks: [
      {
        name: 'Main',
        ipAddresses: [`10.0.${n >> 8}.${n & 255}`],
        concurrentCalls: 100,
        monthlyMinutes: 100_000,
      },
    ],
  }))
  const { errors } = await askGraph(place.url, await place.token(), {
    operationName: 'ImportBillingAccounts',
    variables: { accounts },
  })
  if (errors) throw new Error(JSON.stringify(errors))
  await drained(databases)
  const known = await databases.telephony.query<Trunk & { customer: string }>(`
    select t.id, t.ban, a.customer_id as customer from telephony.trunks t join telephony.account_customers a using (org_id, ban)
    where ban like 'BENCH-%' order by ban`)
  const ours = known.rows.filter(({ ban, customer }) => rows[Number(ban.slice(6))]?.customer === customer)
  if (ours.length < count) throw new Error(`Only ${ours.length} accounts have found their company.`)
  return ours.slice(0, count)
}

const ticketsOf = async (place: Place, { id }: Trunk): Promise<Ticket[]> => {
  const { results } = await place.sim<{ results: Ticket[] }>('records/tickets?limit=100000')
  return results.filter(({ properties }) => properties.warp_trunk_id === id)
}

/** What one drop was seen to do. */
interface Dropped {
  /** Milliseconds from before the records were sent until the alert was opened, by the hub's clock, and until the ticket was seen. */
  openedMs: number | null
  ticketMs: number | null
  missing: string[]
}

/** Has calls go unanswered over a trunk, more than were answered, and waits for the ticket. */
const drop = async (place: Place, databases: Databases, token: string, trunk: Trunk): Promise<Dropped> => {
  const since = Date.now()
  await send(place, token, callsOver(trunk, 30, false))
  let ticket: Ticket | undefined
  while (!ticket && Date.now() - since < PATIENCE_MS) {
    ;[ticket] = await ticketsOf(place, trunk)
    if (!ticket) await setTimeout(LOOK_EVERY_MS)
  }
  const ticketMs = ticket ? Date.now() - since : null
  const { rows } = await databases.telephony.query<{ at: Date }>(
    'select opened_at as at from telephony.alerts where trunk_id = $1',
    [trunk.id],
  )
  return {
    openedMs: rows[0] ? rows[0].at.getTime() - since : null,
    ticketMs,
    missing: FIELDS.filter((name) => !ticket?.properties[name]),
  }
}

/** @returns the report of `npm run bench -- alerts` @param args `--drops` */
export const benchAlerts = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({ args, options: { drops: { type: 'string', default: '20' } } })
  const options = { drops: Number(values.drops) }
  await using place = await openPlace(COMPANIES)
  await place.startSimulators()
  const hub = await place.start()
  await using databases = await openDatabases(place)
  await waitForRun(databases.customers, hub)
  await drained(databases)
  say('imported')
  await furnishPortal(place, databases, await place.token(), 'warp_trunk_id')
  const trunks = await openTrunks(place, databases, options.drops)
  const token = await place.token()
  for (const trunk of trunks) await send(place, token, callsOver(trunk, 20, true))
  await drained(databases)
  await written(databases)
  say('all trunks are well')
  const dropped: Dropped[] = []
  for (const trunk of trunks) {
    await setTimeout(PAUSE_MS)
    dropped.push(await drop(place, databases, token, trunk))
  }
  say('all have dropped')
  await written(databases)
  const tickets = await Promise.all(trunks.map((trunk) => ticketsOf(place, trunk)))
  const opened = dropped.flatMap(({ openedMs }) => openedMs ?? [])
  const ticketed = dropped.flatMap(({ ticketMs }) => ticketMs ?? [])
  return reportOf('alerts', options, {
    figures: [
      figure('answer ratios that dropped', dropped.length),
      figure('records sent → alert opened, p50', quantile(opened, 0.5), 'ms'),
      figure('records sent → alert opened, p99', quantile(opened, 0.99), 'ms'),
      figure('records sent → ticket in HubSpot, p50', quantile(ticketed, 0.5), 'ms'),
    ],
    bars: [
      bar('records sent → ticket in HubSpot, p99', quantile(ticketed, 0.99), 'at most', 5_000, 'ms'),
      bar('drops without a ticket', dropped.length - ticketed.length, 'at most', 0),
      bar('tickets beside the one', tickets.filter(({ length }) => length > 1).length, 'at most', 0),
      bar(
        'tickets that lack a field',
        dropped.filter(({ missing }) => missing.length > 0).length,
        'at most',
        0,
      ),
    ],
    detail: { dropped },
  })
}
