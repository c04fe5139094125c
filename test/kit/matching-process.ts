/** The loop that matches accounts, in a process of its own, to be killed: argv = database urls (JSON), accounts at a time. */
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { startMatching } from '#subgraphs/customers/jobs/match-accounts.ts'
import { silentLog } from './log.ts'
import { TEST_KEY } from './subgraph.ts'

const [, , urls = '', batch] = process.argv
const database = openDatabase<DB>(JSON.parse(urls), { log: silentLog })
startMatching({
  rows: database as never,
  clock: systemClock,
  vault: openVault([TEST_KEY]),
  log: silentLog,
  published: () => {},
  batch: Number(batch),
})
process.stdout.write('ready\n')
