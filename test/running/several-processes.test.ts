import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from '#gateway/client.ts'
import type { RunningHub } from '#test/kit/hub.ts'
import { noNats } from '#test/kit/nats.ts'
import { type Pairs, startPairs } from '#test/kit/pairs.ts'
import type { Followed } from '#test/kit/resuming.ts'
import { runAnew } from '#test/kit/runs.ts'
import { until } from '#test/kit/until.ts'
import { fillTelephony } from '../../demo.ts'

const COMPANIES = 40
/** Of whom each follows; `npm run soak -- two-gateways` has a thousand. */
const SUBSCRIBERS = 200
const PER_CALLER = 50
const CHANGED = 'subscription ($after: Cursor) { customerChanged(after: $after) { id name } }'

describe.skipIf(noNats)('two gateways and two workers of every subgraph', () => {
  const stack = new AsyncDisposableStack()
  let pairs: Pairs
  let hub: RunningHub

  beforeAll(async () => {
    pairs = stack.use(await startPairs({ companies: COMPANIES }))
    hub = pairs.hub
    await hub.synced(200_000)
    const client = openClient({ url: hub.url, token: () => hub.token() })
    await fillTelephony(client, COMPANIES, new AbortController().signal)
  })
  afterAll(() => stack.disposeAsync())

  const companies = async () =>
    (await hub.sim<{ results: { id: string }[] }>('hubspot', `records/companies?limit=${COMPANIES}`)).results
  /** People at HubSpot rename so many companies; the names end with what is given. */
  const rename = async (ending: string, count: number) => {
    for (const { id } of (await companies()).slice(0, count))
      await hub.sim('hubspot', 'records/companies', { id, properties: { name: `Renamed ${id} ${ending}` } })
    await read()
  }
  /** Has HubSpot's changes read, all of them. */
  const read = () => runAnew(hub, { at: pairs.url })
  const namesOf = ({ events }: Followed) =>
    events
      .map(({ data }) => data?.customerChanged?.name as string)
      .filter((name) => name?.startsWith('Renamed '))

  /** Starts a process again, and waits until both gateways answer. */
  const restart = async (role: string) => {
    await hub.restart(role)
    await until(async () => {
      const answers = await Promise.all(pairs.gateways.map(({ url }) => fetch(`${url}/readyz`)))
      return answers.every(({ ok }) => ok)
    })
  }

  /** What each got after its first cursor is what the log has, in the log's order: nothing twice, nothing missing. */
  const expectWhole = async (followed: readonly Followed[]) => {
    const log = await hub.rows<{ pos: number }>(
      'customers',
      `select pos::int from events.event_log where payload ->> 'customerId' is not null
         and name ~ '^customers[.](company|contact|deal|ticket|identity|customer)[.]changed$' order by pos`,
    )
    for (const one of followed) {
      const cursors = one.events.flatMap(({ cursor }) => (cursor ? [posOf(cursor)] : []))
      const [begin, end] = [cursors[0]!, cursors.at(-1)!]
      expect(cursors).toEqual([...new Set(cursors)].sort((a, b) => a - b))
      expect(cursors).toEqual(log.map(({ pos }) => pos).filter((pos) => pos >= begin && pos <= end))
      expect(one.failures).toEqual([])
    }
  }

  it('answer the same by either gateway, one customer from every system', async () => {
    const question = `{ customers(first: 100) { totalCount nodes { id name
      contacts(first: 5) { nodes { email } } deals(first: 5) { nodes { name } }
      billingAccounts { ban } trunks(first: 5) { nodes { name status } } rfqs(first: 5) { nodes { number } } } } }`
    const answers = () => Promise.all(pairs.gateways.map(({ url }) => hub.ask(question, {}, { at: url })))
    const [one, other] = await until(async () => {
      const [a, b] = await answers()
      const whole = JSON.stringify(a)
      return (
        whole === JSON.stringify(b) && /"ban":"/.test(whole) && /"number":"/.test(whole) && ([a, b] as const)
      )
    })
    expect(one!.errors, hub.output()).toBeUndefined()
    expect(one!.data.customers.totalCount).toBeGreaterThan(30)
    expect(other).toEqual(one)
  })

  it('fault 3: every subscriber ends with the exact sequence, whichever gateway is killed', async () => {
    const followed: Followed[] = []
    await using subscribers = new AsyncDisposableStack()
    const at = pairs.url
    for (let i = 0; i < SUBSCRIBERS; i++)
      followed.push(
        subscribers.use(
          hub.subscribe(CHANGED, {}, { at, subject: `demo:follower-${Math.floor(i / PER_CALLER)}` }),
        ),
      )
    await until(() => followed.every(({ open }) => open))
    // Everybody has a cursor before the first kill.
    await until(async () => {
      await rename('first', 2)
      return followed.every((one) => namesOf(one).length > 0)
    })
    for (const [round, { role }] of pairs.gateways.entries()) {
      const renaming = rename(`round ${round}`, 5)
      await hub.kill(role)
      await renaming
      await until(() => followed.every(({ open }) => open))
      await rename(`after ${round}`, 5)
      const has = (one: Followed) =>
        namesOf(one).filter((name) => name.endsWith(`after ${round}`)).length >= 5
      await until(() => followed.every(has))
      await restart(role)
    }
    await expectWhole(followed)
    expect(Object.values(pairs.front.given()).every((count) => count > 0)).toBe(true)
  })

  /** Asks without a pause, several at a time, and counts what was answered and what was not. */
  const asking = () => {
    const over = new AbortController()
    const seen = { answers: 0, failures: [] as unknown[] }
    const question = '{ customers(first: 3) { nodes { name trunks(first: 1) { nodes { name } } } } }'
    const ask = () => hub.ask(question, {}, { at: pairs.url })
    const loop = async () => {
      while (!over.signal.aborted) {
        // A connection may be closed in the moment it is used: a read that had no answer at all is asked once more.
        const answer = await ask()
          .catch(ask)
          .catch((error: unknown) => ({ errors: error, data: null }))
        if (answer.errors || !answer.data) seen.failures.push(answer.errors)
        else seen.answers++
      }
    }
    const loops = Promise.all([loop(), loop(), loop(), loop()])
    return {
      seen,
      [Symbol.asyncDispose]: async () => {
        over.abort()
        await loops
      },
    }
  }

  it('answer everybody while a gateway, then a process of the subgraphs, is told to stop, and lose nobody an event', async () => {
    await using subscribers = new AsyncDisposableStack()
    const followed = Array.from({ length: 10 }, () =>
      subscribers.use(hub.subscribe(CHANGED, {}, { at: pairs.url, subject: 'demo:stopped' })),
    )
    await until(() => followed.every(({ open }) => open))
    await until(async () => {
      await rename('begin', 2)
      return followed.every((one) => namesOf(one).length > 0)
    })
    for (const role of [pairs.gateways[1]!.role, pairs.workers[1]!]) {
      const busy = asking()
      {
        await using _ = busy
        await until(() => busy.seen.answers >= 20)
        const renaming = rename('before the stop', 3)
        expect(await hub.stop('SIGTERM', { role })).toBe(0)
        await renaming
        const { answers } = busy.seen
        await until(() => busy.seen.answers >= answers + 20)
      }
      expect(busy.seen.failures, hub.output()).toEqual([])
      await restart(role)
    }
    await until(() => followed.every(({ open }) => open))
    await rename('at the end', 5)
    const has = (one: Followed) => namesOf(one).filter((name) => name.endsWith('at the end')).length >= 5
    await until(() => followed.every(has))
    await expectWhole(followed)
    // Those of the gateway that stopped were told to come back; those of the other did not notice anything.
    const noticed = followed.filter(({ closes }) => closes.length > 0)
    expect(noticed.length).toBeGreaterThan(0)
    expect(noticed.length).toBeLessThan(followed.length)
    expect(noticed.map(({ closes }) => closes[0])).toEqual(noticed.map(() => 1001))
  })

  it('go on when the process that leads is killed: what changes is brought over, and siblings hear of it', async () => {
    const scored = async () =>
      (
        await hub.rows<{ n: number }>(
          'insights',
          `select count(*)::int as n from events.cursors where pos is not null`,
        )
      )[0]!.n
    expect(await scored()).toBeGreaterThan(0)
    await hub.kill(pairs.workers[0])
    await rename('with one worker', 5)
    await until(
      async () => {
        const { data } = await hub.ask('{ customers(first: 100) { nodes { name } } }')
        const names = data.customers.nodes.map(({ name }: { name: string }) => name)
        return names.filter((name: string) => name.endsWith('with one worker')).length === 5
      },
      { everyMs: 500 },
    )
    await until(async () => {
      const rows = await hub.rows<{ behind: number }>(
        'customers',
        'select pos::int as behind from events.head',
      )
      const [cursor] = await hub.rows<{ pos: number }>(
        'insights',
        `select pos::int from events.cursors where source = 'customers'`,
      )
      return cursor!.pos >= rows[0]!.behind
    })
    await hub.restart(pairs.workers[0])
  })
})

const posOf = (cursor: string): number => JSON.parse(Buffer.from(cursor, 'base64url').toString())[0]
