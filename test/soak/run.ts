/**
 * `npm run soak -- <name> [--times n] [--minutes n] [--companies n] [--subscribers n] [--vendor c3] [--events n]
 * [--seeds 11,12] [--json]`: what `npm test` shows
 * once, again and again. Prints a table (or one JSON object) and ends with 0 only when every line of it holds.
 */
import { parseArgs } from 'node:util'
import { keptAnswers } from './kept-answers.ts'
import { killGateway, twoGateways } from './kill-gateway.ts'
import { killImport } from './kill-import.ts'
import { operations } from './operations.ts'
import { pooledConnections } from './pooled-connections.ts'
import { postgresRestarts } from './postgres-restarts.ts'
import { randomEdits } from './random-edits.ts'
import { randomFacts } from './random-facts.ts'

export interface Settings {
  times: number
  minutes: number
  companies: number
  subscribers: number
  events: number
  /** Of chance: the same seed gives the same events. */
  seeds: readonly number[]
  /** Only with this other system; with all of them when left out. */
  vendor?: string | undefined
}

/** One thing that was measured, and what it had to be. */
export interface Line {
  what: string
  measured: string | number
  demanded: string
  holds: boolean
}

const NONE: Settings = { times: 0, minutes: 0, companies: 0, subscribers: 0, events: 0, seeds: [] }

const soaks: Record<string, { defaults: Settings; run(settings: Settings): Promise<Line[]> }> = {
  'kill-import': { defaults: { ...NONE, times: 200, companies: 2_000 }, run: killImport },
  'kept-answers': { defaults: { ...NONE, times: 1_000_000, companies: 100 }, run: keptAnswers },
  'pooled-connections': { defaults: { ...NONE, times: 100_000 }, run: pooledConnections },
  'postgres-restarts': {
    defaults: { ...NONE, minutes: 5, companies: 200 },
    run: postgresRestarts,
  },
  'kill-gateway': {
    defaults: { ...NONE, times: 10, companies: 100, subscribers: 1_000 },
    run: killGateway,
  },
  operations: { defaults: { ...NONE, times: 20_000, seeds: [100_000] }, run: operations },
  'two-gateways': {
    defaults: { ...NONE, times: 10, companies: 100, subscribers: 1_000 },
    run: twoGateways,
  },
  'random-edits': { defaults: NONE, run: randomEdits },
  'random-facts': {
    defaults: { ...NONE, times: 40, companies: 300, events: 50_000, seeds: [11, 12, 13] },
    run: randomFacts,
  },
}

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      times: { type: 'string' },
      minutes: { type: 'string' },
      companies: { type: 'string' },
      subscribers: { type: 'string' },
      vendor: { type: 'string' },
      events: { type: 'string' },
      seeds: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  const soak = soaks[positionals[0] ?? '']
  if (!soak) {
    process.stderr.write(`Say which: npm run soak -- ${Object.keys(soaks).join(' | ')}\n`)
    process.exit(1)
  }
  const { seeds, ...numbers } = values
  const given = Object.entries(numbers).flatMap(([name, value]) =>
    typeof value === 'string' && Number.isFinite(Number(value)) ? [[name, Number(value)]] : [],
  )
  const settings: Settings = {
    ...soak.defaults,
    ...Object.fromEntries(given),
    ...(seeds ? { seeds: seeds.split(',').map(Number) } : {}),
    vendor: values.vendor,
  }
  const lines = await soak.run(settings)
  const holds = lines.every((line) => line.holds)
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ name: positionals[0], settings, holds, lines })}\n`
      : `${lines.map(({ what, measured, demanded, holds: good }) => `${good ? '✓' : '✗'} ${what.padEnd(52)} ${String(measured).padStart(14)}   ${demanded}`).join('\n')}\n`,
  )
  process.exit(holds ? 0 : 1)
}

await main()
