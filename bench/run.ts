/** `npm run bench -- <name> [--json] […]`: runs one benchmark. Ends with 1 when a bar was missed. */
import { parseArgs } from 'node:util'
import { benchAlerts } from './alerts.ts'
import { benchC3 } from './c3.ts'
import { benchChat } from './chat.ts'
import { benchChurn } from './churn.ts'
import { benchFanout } from './fanout.ts'
import { benchGateway } from './gateway.ts'
import { benchHealth } from './health.ts'
import { benchIdentity } from './identity.ts'
import { benchIdentityHub } from './identity-hub.ts'
import { benchImport } from './import.ts'
import { benchInsights } from './insights.ts'
import { benchJourneys } from './journeys.ts'
import { benchJudging } from './judging.ts'
import { benchPolicy } from './policy.ts'
import { benchQuery } from './query.ts'
import { benchRecommendations } from './recommendations.ts'
import { type Report, tableOf } from './report.ts'
import { benchStart } from './start.ts'
import { benchStatistics } from './statistics.ts'
import { benchUsage } from './usage.ts'
import { benchWebhook } from './webhook.ts'

const BENCHES: Readonly<Record<string, (argv: string[]) => Promise<Report>>> = {
  alerts: benchAlerts,
  c3: benchC3,
  chat: benchChat,
  churn: benchChurn,
  fanout: benchFanout,
  gateway: benchGateway,
  health: benchHealth,
  identity: benchIdentity,
  'identity-hub': benchIdentityHub,
  import: benchImport,
  insights: benchInsights,
  journeys: benchJourneys,
  judging: benchJudging,
  policy: benchPolicy,
  query: benchQuery,
  recommendations: benchRecommendations,
  start: benchStart,
  statistics: benchStatistics,
  usage: benchUsage,
  webhook: benchWebhook,
}

const main = async (): Promise<number> => {
  const { values, positionals, tokens } = parseArgs({
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const bench = BENCHES[positionals[0] ?? '']
  if (!bench) {
    process.stderr.write(`Say which: npm run bench -- ${Object.keys(BENCHES).join(' | ')} [--json]\n`)
    return 1
  }
  const name = tokens.find(({ kind }) => kind === 'positional')!.index
  const argv = process.argv.slice(2).filter((word, place) => place !== name && word !== '--json')
  const report = await bench(argv)
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : tableOf(report))
  return report.passed ? 0 : 1
}

process.exitCode = await main()
