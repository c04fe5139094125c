/**
 * A worker, a writer or an API of a C3 bed in a process of its own, to be stopped or killed: argv = which, database urls (JSON).
 * Says when it is ready, an API where it is reached.
 */
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { worker, writer } from './c3.ts'
import { startWith, TEST_KEY } from './subgraph.ts'

const [, , which, urls = ''] = process.argv
const bed = { test: { urls: JSON.parse(urls) }, vault: openVault([TEST_KEY]), clock: systemClock }
let at: string | null = ''
if (which === 'api') {
  // The others need not load it.
  const { startInventory } = await import('#subgraphs/inventory/index.ts')
  const options = { ...startWith(bed.test.urls, { worker: false }), encryptionKeys: [TEST_KEY] }
  at = (await startInventory(options)).url
} else {
  const start = which === 'worker' ? worker : writer
  // Longer than any machine keeps it from its work: it is a test that ends a lease.
  start(bed as never, { leaseMs: 600_000 })
}
process.stdout.write(`ready ${at}\n`)
