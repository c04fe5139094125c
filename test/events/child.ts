import { openDatabase } from '#db/client.ts'
import { startConsumer } from '#events/consumer.ts'
import { EventLog } from '#events/log.ts'
import { startPublisher } from '#events/publisher.ts'
import { startSequencer } from '#events/sequencer.ts'
import { systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { silentLog } from '#test/kit/log.ts'
import { connectNats } from '#test/kit/nats.ts'
import type { Task } from './process.ts'
import { leaveRows, SHARED_SECRET } from './rows.ts'

const say = (word: string) => process.stdout.write(`${word}\n`)

/** Does its task until it is killed. */
const main = (task: Task): void => {
  const database = openDatabase<Record<string, never>>(task.urls, { log: silentLog })
  if (task.does === 'sequence') {
    startSequencer({ database, log: silentLog, clock: systemClock })
    say('started')
    return
  }
  const nats = task.nats && connectNats(task.nats, SHARED_SECRET, task.nats.prefix)
  if (task.does === 'publish') {
    startSequencer({ database, log: silentLog, clock: systemClock })
    const eventLog = new EventLog({ database, log: silentLog })
    startPublisher({ nats: nats!, eventLog, source: 'source', log: silentLog })
    say('started')
    return
  }
  let applied = 0
  startConsumer({
    name: 'follower',
    source: 'source',
    url: task.feed,
    nats,
    names: [],
    database,
    seal: principalSeal(SHARED_SECRET, systemClock),
    clock: systemClock,
    log: silentLog,
    ...(task.batch ? { batch: task.batch } : {}),
    apply: async (tx, orgId, events) => {
      await leaveRows(tx, orgId, events)
      applied += events.length
      say('applied')
      // Between effect and commit, for as long as it lives.
      if (task.hangsAfter !== undefined && applied >= task.hangsAfter) await new Promise(() => undefined)
    },
  })
  say('started')
}

main(JSON.parse(process.argv[2]!))
