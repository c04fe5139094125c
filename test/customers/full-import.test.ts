import { expect, it } from 'vitest'
import { customersBed, worker } from '#test/kit/customers.ts'
import { recordingLog } from '#test/kit/log.ts'

it('imports', async () => {
  await using bed = await customersBed({ companies: 300 })
  const { log, lines } = recordingLog('info')
  const t = performance.now()
  await using _ = worker(bed, { log })
  const run = await bed.ended(await bed.ask('FULL')).catch((e) => e)
  console.log(performance.now() - t, run, JSON.stringify(lines, null, 1).slice(0, 3000))
  console.log((await bed.journal()).entries.map((e) => `${e.method} ${e.path} ${e.status}`).slice(0, 20))
  expect(run.state).toBe('COMPLETED')
})
