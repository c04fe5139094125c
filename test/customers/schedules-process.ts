/** Keeps schedules in a process of its own, with others: argv = database urls (JSON), length of a slot in ms. */
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { sleep, systemClock } from '#kernel/clock.ts'
import { audit } from '#service/audit.ts'
import { keepSchedules } from '#sync/schedules.ts'
import { silentLog } from '#test/kit/log.ts'

const database = openDatabase<DB>(JSON.parse(process.argv[2] ?? ''), { log: silentLog })
const everyMs = Number(process.argv[3])
process.stdout.write('ready\n')
for (;;) {
  await keepSchedules({
    database: database as never,
    clock: systemClock,
    log: silentLog,
    wanted: async () => [{ name: 'CHANGES', cadence: { everyMs } }],
    // What is begun is written down in the same transaction, with who did it.
    begin: async (tx, { orgId, slot }) => {
      await audit(tx, {
        orgId,
        principal: { kind: 'system', id: String(process.pid) },
        action: 'slot',
        subject: { type: 'Slot', id: slot.toISOString() },
        at: systemClock.now(),
      })
      return { result: 'STARTED' }
    },
  })
  await sleep(10)
}
