/** `npm run bench -- usage`: how fast calls and messages are taken over, whether they add up, and how fast a customer's are answered. */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import type pg from 'pg'
import { openDatabases } from './draining.ts'
import { askGraph, openPlace, type Place, type Running } from './hub.ts'
import { type Measured, measure } from './measuring.ts'
import { openSampler } from './processes.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'
import { sampling } from './runs.ts'

const ROLES = ['hub', 'customers', 'telephony', 'gateway']
const TRUNKS = 2
/** Requests under way at a time: one is read while another one is written. */
const SENDERS = 2
const VARIED = 20
/** A token lasts longer than this. */
const TOKEN_MS = 5 * 60_000
const DAY_MS = 86_400_000
const MOST_TRIES = 60

interface Options {
  records: number
  accounts: number
  days: number
  /** Records of one request. */
  batch: number
}

interface Taken {
  accepted: number
  known: number
  refusedCount: number
}

/** Who sends, with a token that is renewed in time. */
const openSender = (place: Place) => {
  let token = ''
  let renewedAt = Number.NEGATIVE_INFINITY
  const authorization = async () => {
    if (performance.now() - renewedAt > TOKEN_MS) {
      token = await place.token()
      renewedAt = performance.now()
    }
    return token
  }
  return {
    token: authorization,
    send: async (body: Uint8Array): Promise<Taken> => {
      const post = async (): Promise<Response> =>
        fetch(`${place.url}/api/v1/usage/records`, {
          method: 'POST',
          headers: {
            'content-type': 'application/x-ndjson',
            'content-encoding': 'gzip',
            authorization: `Bearer ${await authorization()}`,
          },
          body: Buffer.from(body),
        })
      // Whoever is asked to come again does: what was written before counts once.
      const attempt = () => post().catch(() => undefined)
      let response = await attempt()
      for (let tries = 1; (!response || response.status === 503) && tries < MOST_TRIES; tries++) {
        await response?.body?.cancel()
        await setTimeout(1000)
        response = await attempt()
      }
      if (!response?.ok) throw new Error(`${response?.status} ${await response?.text()}`)
      return (await response.json()) as Taken
    },
  }
}

/** Opens accounts with their trunks. @returns the ids of all trunks */
const furnish = async (place: Place, telephony: pg.Client, { accounts }: Options): Promise<string[]> => {
  const token = await place.token()
  for (let from = 0; from < accounts; from += 500) {
    const some = Array.from({ length: Math.min(500, accounts - from) }, (_, n) => ({
      ban: `BENCH-${from + n}`,
      name: `Company ${from + n}`,
      trunks: Array.from({ length: TRUNKS }, (_, trunk) => ({
        name: `Trunk ${trunk}`,
        ipAddresses: [`10.${(from + n) >> 8}.${(from + n) & 255}.${trunk + 1}`],
        concurrentCalls: 30,
        monthlyMinutes: 10_000,
      })),
    }))
    const { errors } = await askGraph(place.url, token, {
      operationName: 'ImportBillingAccounts',
      variables: { accounts: some },
    })
    if (errors) throw new Error(JSON.stringify(errors))
  }
  const { rows } = await telephony.query<{ id: string }>(
    `select id from telephony.trunks where ban like 'BENCH-%' order by ban, name`,
  )
  return rows.map(({ id }) => id)
}

/** The records of one request, packed: the same for the same place. In the order in which they began, as a platform tells them. */
const bodyOf = (
  trunks: readonly string[],
  first: number,
  beginning: number,
  { records, days, batch }: Options,
) => {
  // A linear congruential generator (Numerical Recipes): chance that is the same each time.
  let state = (first * 2654435761 + 12345) % 2 ** 32
  const chance = () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
  const count = Math.min(batch, records - first)
  let text = ''
  for (let n = first; n < first + count; n++) {
    // Few accounts talk much, most talk little.
    const trunk = trunks[Math.floor(trunks.length * chance() ** 3)]
    const startedAt = new Date(beginning + Math.floor((n / records) * days * DAY_MS)).toISOString()
    const what =
      chance() < 0.8
        ? chance() < 0.7
          ? `"kind":"CALL","answered":true,"seconds":${Math.floor(chance() * 600)}`
          : '"kind":"CALL","answered":false'
        : '"kind":"MESSAGE"'
    const where = chance() < 0.8 ? 'LOCAL' : 'MOBILE'
    text += `{"id":"cdr-${n}","trunkId":"${trunk}","startedAt":"${startedAt}",${what},"class":"${where}"}\n`
  }
  return gzipSync(text, { level: 1 })
}

/** How many sums of each grain differ from a recount of all single records. */
const differing = async (telephony: pg.Client): Promise<number> => {
  const zone = `(select time_zone from telephony.organisations limit 1)`
  const grains = {
    usage_quarters: `date_bin('15 minutes', started_at, timestamptz '2000-01-01 00:00Z')`,
    usage_hours: `date_trunc('hour', started_at, 'UTC')`,
    usage_days: `date_trunc('day', started_at, ${zone})`,
  }
  let sum = 0
  for (const [table, slot] of Object.entries(grains)) {
    const recount = `select org_id, ban, ${slot} as slot, trunk_id, class, count(*) filter (where kind = 1) as calls,
      count(*) filter (where answered) as completed, sum(seconds) as seconds, count(*) filter (where kind = 2) as messages
      from telephony.usage_records group by 1, 2, 3, 4, 5`
    const { rows } = await telephony.query<{ n: string }>(`
      select count(*) as n from telephony.${table} u full join (${recount}) r
        on (r.org_id, r.ban, r.slot, r.trunk_id, r.class) = (u.org_id, u.ban, u.slot, u.trunk_id, u.class)
      where (u.calls, u.completed, u.seconds, u.messages) is distinct from (r.calls, r.completed, r.seconds, r.messages)`)
    sum += Number(rows[0]!.n)
  }
  return sum
}

const sizeOf = async (telephony: pg.Client, tables: string): Promise<number> => {
  const { rows } = await telephony.query<{ n: string }>(
    `select coalesce(sum(pg_total_relation_size(c.oid)), 0) as n from pg_class c join pg_namespace s on s.oid = c.relnamespace
     where s.nspname = 'telephony' and c.relkind = 'r' and c.relname ~ $1`,
    [tables],
  )
  return Number(rows[0]!.n)
}

/** What customers' sixty days cost, one customer after the other. */
const answering = async (place: Place, hub: Running, token: string, days: number): Promise<Measured> => {
  const { data } = await askGraph<{ customers: { nodes: { id: string; bans: string[] }[] } }>(
    place.url,
    token,
    {
      query: '{ customers(first: 200) { nodes { id billingAccounts { ban } } } }',
    },
  )
  const now = Date.now()
  const bodies = (data?.customers.nodes ?? []).slice(0, VARIED).map(({ id }) =>
    JSON.stringify({
      operationName: 'CustomerUsage',
      variables: {
        id,
        from: new Date(now - days * DAY_MS).toISOString(),
        to: new Date(now).toISOString(),
        grain: 'DAY',
      },
    }),
  )
  if (bodies.length === 0) throw new Error('There are no customers yet.')
  const postgres = await place.postgres()
  const load = { url: place.url, token, bodies, connections: 1, warmupSeconds: 3, seconds: 10 }
  return measure('usage of a customer', load, { gateway: [hub.pid], subgraphs: [], postgres })
}

/** @returns the report of `npm run bench -- usage` @param args `--records`, `--accounts`, `--days`, `--batch` */
export const benchUsage = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: {
      records: { type: 'string', default: '20000000' },
      accounts: { type: 'string', default: '2000' },
      days: { type: 'string', default: '60' },
      batch: { type: 'string', default: '100000' },
    },
  })
  const options: Options = {
    records: Number(values.records),
    accounts: Number(values.accounts),
    days: Number(values.days),
    batch: Number(values.batch),
  }
  await using place = await openPlace(10)
  const simulators = await place.startSimulators()
  let hub = await place.start(ROLES)
  await using databases = await openDatabases(place, ['telephony'])
  const trunks = await furnish(place, databases.telephony, options)
  const sender = openSender(place)
  const beginning = Date.now() - options.days * DAY_MS
  const bodyAt = (first: number) => bodyOf(trunks, first, beginning, options)
  say(`sends ${options.records} records of ${options.accounts} accounts over ${options.days} days`)
  const samplers = await sampling(place, hub, simulators)
  const own = openSampler(async () => [process.pid])
  const since = performance.now()
  const sum = { accepted: 0, known: 0, refused: 0 }
  let next = 0
  const sendAll = async (until: number) => {
    for (let first = next; first < until; first = next) {
      next = first + options.batch
      const { accepted, known, refusedCount } = await sender.send(bodyAt(first))
      sum.accepted += accepted
      sum.known += known
      sum.refused += refusedCount
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, () => sendAll(options.records)))
  const seconds = (performance.now() - since) / 1000
  const [ours, postgres] = await Promise.all(samplers.map((sampler) => sampler.end()))
  const client = await own.end()
  say(`took ${sum.accepted} in ${seconds.toFixed(0)} s`)
  const again = await sender.send(bodyAt(0))
  say('sends half a request, ends the hub with SIGKILL in it, and sends it again')
  const tail = { ...options, records: options.records + options.batch }
  const more = bodyOf(trunks, options.records, beginning - DAY_MS, tail)
  const cut = sender.send(more)
  // Some of it has been written by then, and some has not.
  await setTimeout(2000)
  process.kill(hub.pid, 'SIGKILL')
  hub = await place.start(ROLES)
  await using after = await openDatabases(place, ['telephony'])
  const resumed = await cut
  await after.telephony.query('analyze')
  say('counts all records anew')
  const different = await differing(after.telephony)
  const { rows } = await after.telephony.query<{ n: string }>(
    'select count(*) as n from telephony.usage_records',
  )
  const [raw, sums] = [
    await sizeOf(after.telephony, '^usage_records'),
    await sizeOf(after.telephony, '^usage_(quarters|hours|days)$'),
  ]
  const answered = await answering(place, hub, await sender.token(), options.days)
  const kept = Number(rows[0]!.n)
  return reportOf(
    'usage',
    { ...options },
    {
      figures: [
        figure('records taken', sum.accepted),
        figure('in', seconds, 's'),
        figure('hub CPU', ours!.cpuSeconds, 's'),
        figure('PostgreSQL CPU', postgres!.cpuSeconds, 's'),
        figure('client CPU', client.cpuSeconds, 's'),
        figure('hub memory, most', ours!.maxMemoryMb, 'MB'),
        figure('PostgreSQL memory, most', postgres!.maxMemoryMb, 'MB'),
        figure('on disk per record', raw / kept, 'bytes'),
        figure('of quarters, hours and days, per record', sums / kept, 'bytes'),
        figure('new when resumed after the kill', resumed.accepted),
        figure('a customer by day, p50', answered.p50, 'ms'),
      ],
      bars: [
        bar('records taken', sum.accepted / seconds, 'at least', 25_000, 'rec/s'),
        bar('refused', sum.refused, 'at most', 0),
        bar('new of what was sent twice', again.accepted, 'at most', 0),
        bar('records kept beside those sent', Math.abs(kept - options.records - options.batch), 'at most', 0),
        bar('sums that a recount does not find', different, 'at most', 0),
        bar('a customer by day, p95', answered.p95, 'at most', 30, 'ms'),
      ],
      detail: { answered },
    },
  )
}
