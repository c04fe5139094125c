/** Insights as it runs: two processes of it, siblings to follow, and customers that follow it. The processes are killed and start again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import type { Subgraph } from '#db/databases.ts'
import { session } from '#db/session.ts'
import { startConsumer } from '#events/consumer.ts'
import type { LoggedEvent } from '#events/event.ts'
import { systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { takeHealth } from '#subgraphs/customers/commands/take-health.ts'
import { takeProfiles } from '#subgraphs/customers/commands/take-profiles.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { insightsBed } from '#test/insights/bed.ts'
import { startSiblingFeed } from '#test/insights/sibling-feed.ts'
import { silentLog } from '#test/kit/log.ts'
import { freePorts } from '#test/kit/processes.ts'
import { askSubgraph, DEMO, NO_SIBLINGS, SHARED_SECRET } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { Told } from './told.ts'
import type { Source, Word } from './words.ts'

const PROGRAM = fileURLToPath(new URL('./insights-process.ts', import.meta.url))
const SOURCES = ['customers', 'inventory', 'telephony'] as const
/** As long as a machine may take that does much else. */
const PATIENT = { timeoutMs: 600_000, everyMs: 50 }

interface Member {
  port: number
  process: ChildProcess | undefined
  ready: Promise<unknown>
}

/** Starts it for these customers, at a moment. */
export const startKilledHub = async (customers: readonly string[], start: Date) => {
  await using stack = new AsyncDisposableStack()
  const seal = principalSeal(SHARED_SECRET, systemClock)
  const bed = stack.use(await insightsBed())
  const feeds = {} as Record<Source, Awaited<ReturnType<typeof startSiblingFeed>>>
  for (const name of SOURCES) feeds[name] = stack.use(await startSiblingFeed(name, seal))
  await session(feeds.customers.test.adminUrl, (client) =>
    client.query(
      'insert into customers.customers (id, org_id, name, normal_name, created_at, updated_at) select id::uuid, $1, id, id, now(), now() from unnest($2::text[]) id',
      [DEMO, customers],
    ),
  )
  let now = start
  const first = await freePorts(2)
  const siblings: Record<Subgraph, string> = { ...NO_SIBLINGS }
  for (const name of SOURCES) siblings[name] = feeds[name].url
  const members: Member[] = [0, 1].map((n) => ({
    port: first + n,
    process: undefined,
    ready: Promise.resolve(),
  }))
  const begin = async (member: Member): Promise<void> => {
    const { port } = member
    const at = now.toISOString()
    const child = spawn(
      process.execPath,
      [PROGRAM, JSON.stringify({ urls: bed.test.urls, port, siblings, now: at })],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    )
    member.process = child
    const ended = once(child, 'exit').then(() =>
      Promise.reject(new Error('insights ended before it was ready')),
    )
    // Killed later on, nobody waits for it any more.
    ended.catch(() => undefined)
    await Promise.race([once(child, 'message'), ended])
    if (now.toISOString() !== at) child.send(now.toISOString(), () => undefined)
  }
  for (const member of members) member.ready = begin(member)
  stack.defer(async () => {
    for (const member of members) {
      member.process?.kill('SIGKILL')
      await member.ready.catch(() => undefined)
    }
  })
  await Promise.all(members.map(({ ready }) => ready))

  const told = new Told()
  const take = {
    health: takeHealth(changeRecords, () => systemClock.now()),
    profile: takeProfiles(changeRecords, () => systemClock.now()),
  }
  const follower = stack.use(
    startConsumer({
      ...{ name: 'customers', source: 'insights', url: `http://127.0.0.1:${members[0]!.port}` },
      names: [
        'health.changed',
        'profile.changed',
        'insight.raised',
        'insight.changed',
        'recommendation.changed',
      ].map((name) => `insights.${name}`),
      ...{ database: feeds.customers.test.database, seal, clock: systemClock, log: silentLog },
      apply: async (tx: object, orgId: string, events: LoggedEvent[]) => {
        const named = (name: string) => events.filter((each) => each.name === name)
        await take.health(tx, orgId, named('insights.health.changed'))
        await take.profile(tx, orgId, named('insights.profile.changed'))
        told.hear(events)
      },
    }),
  )

  const kills = { count: 0 }
  /** Kills a process where it stands, and starts it again without waiting for it. */
  const kill = async (n: number): Promise<void> => {
    const member = members[n]!
    await member.ready
    const gone = once(member.process!, 'exit')
    member.process!.kill('SIGKILL')
    await gone
    kills.count++
    member.ready = begin(member)
  }
  /** Has it be another moment, in every process. */
  const setTime = (to: Date): void => {
    now = to
    for (const { process: child } of members)
      if (child?.connected) child.send(to.toISOString(), () => undefined)
  }
  /** Waits until every process knows what time it is. */
  const agreed = async (): Promise<void> => {
    for (const member of members) {
      await member.ready
      const child = member.process!
      const at = now.toISOString()
      const answered = new Promise<void>((resolve) => {
        const hear = (said: unknown) => {
          if (said !== at) return
          child.off('message', hear)
          resolve()
        }
        child.on('message', hear)
      })
      child.send(at)
      await answered
    }
  }
  // Asked again and again: they stay open.
  const looking = async (adminUrl: string): Promise<Client> => {
    const client = new Client({ connectionString: adminUrl })
    await client.connect()
    stack.defer(() => client.end())
    return client
  }
  const [own, ...others] = [bed.test.adminUrl, ...SOURCES.map((name) => feeds[name].test.adminUrl)]
  const ours = await looking(own!)
  const theirs = await Promise.all(others.map(looking))
  const headOf = async (client: Client): Promise<number> => {
    const { rows } = await client.query(
      'select coalesce(max(last_pos), 0)::int as pos, (select count(*)::int from events.outbox) as waiting from events.batches',
    )
    return rows[0].waiting > 0 ? Number.POSITIVE_INFINITY : rows[0].pos
  }
  const takenOf = async (): Promise<Map<string, number>> => {
    const { rows } = await ours.query(
      "select source, greatest(max(c.pos), max(m.pos))::int as pos from events.cursors c left join events.marks m using (consumer, source) where consumer = 'insights' group by source",
    )
    return new Map(rows.map(({ source, pos }) => [source, pos]))
  }
  /** Waits until everything that was told has taken effect, all are judged whose time has come, and customers have heard of it. */
  const settled = async (): Promise<void> => {
    await agreed()
    const heads = await until(async () => {
      const found = await Promise.all(theirs.map(headOf))
      return found.every(Number.isFinite) && found
    }, PATIENT)
    await until(async () => {
      const taken = await takenOf()
      if (SOURCES.some((source, n) => (taken.get(source) ?? 0) < heads[n]!)) return false
      const { rows } = await ours.query(
        'select 1 from insights.customers where dirty_since is not null or due_at <= $1 limit 1',
        [now],
      )
      return rows.length === 0 && follower.position() >= (await headOf(ours))
    }, PATIENT)
  }
  const all = stack.move()
  return {
    ...{ bed, told, kills, kill, setTime, settled },
    now: () => now,
    customersRows: <T>(sql: string): Promise<T[]> =>
      session(feeds.customers.test.adminUrl, async (client) => (await client.query(sql)).rows as T[]),
    /** What siblings tell, in order. */
    tell: async (words: readonly Word[]): Promise<void> => {
      for (const [source, own] of Map.groupBy(words, (word) => word.source))
        await feeds[source].tell(
          DEMO,
          own.map(({ event }) => event),
        )
    },
    /** A stretch of what a sibling has told, as it stands in its log. */
    stretch: (source: Source, share: number, length: number): Promise<LoggedEvent[]> =>
      session(feeds[source].test.adminUrl, async (client) => {
        const { rows } = await client.query(
          'select pos::int, org_id as "orgId", key, name, version, payload, occurred_at as "occurredAt" from events.event_log where pos > $1::float * (select max(last_pos) from events.batches) order by pos limit $2',
          [share, length],
        )
        return rows
      }),
    /** Asks whichever process answers, again and again until one does. */
    ask: (query: string, variables: object = {}) =>
      until(async () => {
        for (const { port } of members) {
          const answer = await askSubgraph(`http://127.0.0.1:${port}`, query, { ...variables }).catch(
            () => undefined,
          )
          if (answer) return answer
        }
        return undefined
      }, PATIENT),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type KilledHub = Awaited<ReturnType<typeof startKilledHub>>
