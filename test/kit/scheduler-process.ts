/** Keeps the schedules of a subgraph in a process of its own, with others: argv = its name, database urls (JSON), length of a slot in ms. */
import { openDatabase } from '#db/client.ts'
import { sleep, systemClock } from '#kernel/clock.ts'
import { audit } from '#service/audit.ts'
import { keepSchedules, type ScheduleOptions } from '#sync/schedules.ts'
import { silentLog } from './log.ts'

const [, , subgraph, urls = '', everyMs] = process.argv
const database = openDatabase<never>(JSON.parse(urls), { log: silentLog })
const { wantedSchedules } = (await import(`#subgraphs/${subgraph}/sync/settings.ts`)) as {
  wantedSchedules(shortest: number): ScheduleOptions['wanted']
}
process.stdout.write('ready\n')
for (;;) {
  await keepSchedules({
    database,
    clock: systemClock,
    log: silentLog,
    wanted: wantedSchedules(Number(everyMs)),
    // What is begun is written down in the same transaction, with who did it.
    begin: async (tx, { orgId, name, slot }) => {
      await audit(tx, {
        orgId,
        principal: { kind: 'system', id: String(process.pid) },
        action: `slot ${name}`,
        subject: { type: 'Slot', id: slot.toISOString() },
        at: systemClock.now(),
      })
      return { result: 'STARTED' }
    },
  })
  await sleep(10)
}
