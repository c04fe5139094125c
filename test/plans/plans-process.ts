/** The graph and a worker in a process of their own, to be killed: argv = database urls (JSON). Says where the graph is. */
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { openPortalRun } from '#subgraphs/customers/sync/open.ts'
import { openPortals } from '#subgraphs/customers/sync/portals.ts'
import { plainTarget } from '#subgraphs/customers/sync/target.ts'
import { startRunner } from '#sync/runner.ts'
import { TEST_KEY } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { startWith } from '#test/kit/subgraph.ts'

const urls = JSON.parse(process.argv[2] ?? '')
const database = openDatabase<DB>(urls, { log: silentLog })
const vault = openVault([TEST_KEY])
const shared = { database, vault, clock: systemClock, log: silentLog, limits: {} }
startRunner({
  ...shared,
  database: database as never,
  target: plainTarget,
  open: openPortalRun(shared, openPortals(shared)),
  // Longer than any machine keeps it from its work: it is a test that ends a lease.
  leaseMs: 600_000,
  pollMs: 100,
})
const { url } = await startCustomers({
  ...startWith(urls, { clock: systemClock, worker: false }),
  encryptionKeys: [TEST_KEY],
  limits: {},
})
process.stdout.write(`${url}\n`)
