/** A worker in a process of its own, to be killed: argv = database urls (JSON). */
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { openPortalRun } from '#subgraphs/customers/sync/open.ts'
import { openPortals } from '#subgraphs/customers/sync/portals.ts'
import { plainTarget } from '#subgraphs/customers/sync/target.ts'
import { startRunner } from '#sync/runner.ts'
import { TEST_KEY } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'

const database = openDatabase<DB>(JSON.parse(process.argv[2] ?? ''), { log: silentLog })
const vault = openVault([TEST_KEY])
const shared = { database, vault, clock: systemClock, log: silentLog, limits: {} }
startRunner({
  ...shared,
  database: database as never,
  target: plainTarget,
  open: openPortalRun(shared, openPortals(shared)),
  // Longer than any machine keeps it from its work: it is a test that ends a lease.
  leaseMs: 600_000,
  pollMs: 200,
})
process.stdout.write('ready\n')
