/** A worker process of its own, to be killed: takes the one job, says so, and never ends it. */
import { setTimeout } from 'node:timers/promises'
import { openJobs, task } from '#service/jobs.ts'
import { silentLog } from '#test/kit/log.ts'
import { endless } from './job-definitions.ts'

const urls = JSON.parse(process.argv[2] as string)
const jobs = await openJobs({ urls, definitions: [endless], log: silentLog })
await jobs.work(
  [
    task(endless, async () => {
      process.stdout.write('started\n')
      await setTimeout(3_600_000)
    }),
  ],
  {},
)
