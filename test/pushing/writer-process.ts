/** A writer in a process of its own, to be stopped or killed: argv = database urls (JSON). */
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { TEST_KEY, writer } from '#test/kit/customers.ts'

const urls = JSON.parse(process.argv[2] ?? '')
const bed = { test: { urls }, vault: openVault([TEST_KEY]), clock: systemClock }
// Longer than any machine keeps it from its work: it is a test that ends a lease.
writer(bed as never, { leaseMs: 600_000, pollMs: 200 })
process.stdout.write('ready\n')
