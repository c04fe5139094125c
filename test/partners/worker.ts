/** A worker of hub in a process of its own, to be killed: argv = database urls, the sibling's url, the clock's time (all JSON). */
import { SUBGRAPHS } from '#db/databases.ts'
import { TestClock } from '#kernel/clock.ts'
import { startHub } from '#subgraphs/hub/index.ts'
import { silentLog } from '#test/kit/log.ts'
import { TEST_KEY } from '#test/kit/subgraph.ts'
import { seal } from '#test/service/graph.ts'

const [urls, sibling, now] = JSON.parse(process.argv[2] ?? '')
await startHub({
  ...{
    urls,
    port: 0,
    seal,
    log: silentLog,
    clock: new TestClock(now),
    demo: false,
    api: false,
    worker: true,
  },
  siblings: Object.fromEntries(SUBGRAPHS.map((name) => [name, sibling])) as never,
  ...{ encryptionKeys: [TEST_KEY], partners: { isInside: true } },
})
process.stdout.write('ready\n')
process.on('disconnect', () => process.exit())
