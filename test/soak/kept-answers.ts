import { type AskText, mixOperations } from '#test/kept/mixed.ts'
import { answerOf } from '#test/kit/asking.ts'
import { type RunningHub, startHub } from '#test/kit/hub.ts'
import { freePorts } from '#test/kit/processes.ts'
import { testServer } from '#test/kit/server.ts'
import type { Line, Settings } from './run.ts'

const PARTS = ['customers', 'inventory', 'telephony', 'insights', 'hub']
/** What a hub takes, from the gateway's on. */
const PORTS = 12
const SYNCED_WITHIN_MS = 120_000
/** How long a caller's token is used. */
const TOKEN_FOR_MS = 600_000

/** Mixes operations and changes over two gateways in processes of their own, of which one keeps answers and proves some of them. */
export const keptAnswers = async ({ times, companies }: Settings): Promise<Line[]> => {
  await using server = await testServer()
  const [port, another] = [await freePorts(PORTS), await freePorts(PORTS)]
  const own = { PORT: another, ANSWERS_KEPT_MB: 0, ...partsAfter(port) }
  const fresh = `${Object.entries(own)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')} gateway`
  const roles = ['gateway', PARTS.join(' '), 'simulators', fresh]
  const env = { ANSWERS_KEPT_MB: '128', ANSWERS_PROVED_PERCENT: '1' }
  await using hub = await startHub({ databaseUrl: server.url, companies, roles, env, port })
  await hub.synced(SYNCED_WITHIN_MS)
  await liftLimits(asking(hub, hub.url))
  const began = performance.now()
  const mixed = await mixOperations({
    kept: asking(hub, hub.url),
    fresh: asking(hub, `http://127.0.0.1:${another}`),
    operations: times,
    told: ({ asked, changed, stale, longestMs }) => {
      const seconds = Math.round((performance.now() - began) / 1000)
      process.stderr.write(
        `${asked} operations, ${changed} changes, ${stale} stale, ${Math.round(longestMs)} ms, ${seconds} s\n`,
      )
    },
  })
  const counts = await countsOf(hub.url)
  const given = counts('answer', 'kept')
  return [
    {
      what: 'operations that were answered',
      measured: mixed.asked,
      demanded: `at least ${times}`,
      holds: mixed.asked >= times,
    },
    {
      what: 'of them given from what was kept',
      measured: given,
      demanded: 'at least a tenth',
      holds: given >= mixed.asked / 10,
    },
    {
      what: 'entities that were kept when a question needed them',
      measured: counts('entity', 'kept'),
      demanded: 'some',
      holds: counts('entity', 'kept') > 0,
    },
    { what: 'changes meanwhile', measured: mixed.changed, demanded: 'some', holds: mixed.changed > 0 },
    {
      what: 'answers older than 250 ms after a commit',
      measured: mixed.stale,
      demanded: '0',
      holds: mixed.stale === 0,
    },
    {
      what: 'longest that an answer was too old, in ms',
      measured: Math.round(mixed.longestMs),
      demanded: 'at most 250',
      holds: mixed.longestMs <= 250,
    },
    {
      what: 'answers that a proof found to be others',
      measured: counts('answer', 'stale'),
      demanded: '0',
      holds: counts('answer', 'stale') === 0,
    },
    {
      what: 'questions that both gateways answer otherwise at the end',
      measured: mixed.differ.join(' ') || 0,
      demanded: `0 of ${mixed.compared}`,
      holds: mixed.differ.length === 0 && mixed.compared > 100,
    },
  ]
}

const MOST_POINTS = 10_000_000

/** One caller asks as much as a whole organisation: that is not what is measured. */
const liftLimits = async (ask: AskText): Promise<void> => {
  const answer = await ask('SetLimits', {
    expectedVersion: 0,
    pointsPerMinute: MOST_POINTS,
    organisationPointsPerMinute: MOST_POINTS,
  })
  if (!answer.includes('LimitsSet')) throw new Error(`The limits could not be lifted: ${answer}`)
}

/** Where the parts of a hub are, for a gateway that counts its ports from elsewhere. */
const partsAfter = (port: number): Record<string, string> =>
  Object.fromEntries(
    PARTS.map((name, place) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${port + 1 + place}`]),
  )

const asking = (hub: RunningHub, url: string): AskText => {
  let token: Promise<string> | undefined
  let until = 0
  return async (operation, variables) => {
    if (performance.now() > until) {
      until = performance.now() + TOKEN_FOR_MS
      token = hub.token()
    }
    const { status, ...answer } = await answerOf(
      `${url}/graphql`,
      operation,
      variables,
      (await token) as string,
    )
    return JSON.stringify(answer)
  }
}

/** How often the gateway looked for answers and entities, and what came of it. */
const countsOf = async (url: string) => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return (what: string, outcome: string): number =>
    Number(
      new RegExp(`^hub_kept_total\\{what="${what}",outcome="${outcome}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
    )
}
