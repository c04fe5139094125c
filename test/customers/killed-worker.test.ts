import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { customersBed, ORG, worker } from '#test/kit/customers.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { until } from '#test/kit/until.ts'
import { eventsOf } from './rows.ts'

/** How often the worker is killed; the soak run sets more. */
const KILLS = 3
const PROGRAM = fileURLToPath(new URL('./sync-process.ts', import.meta.url))
const PAGES = { companies: 3, contacts: 9, deals: 3, tickets: 2 }

it(`fault 1: a run survives ${KILLS} kill -9 of its worker: at most a page per type read again, nothing lost, nothing double`, async () => {
  await using bed = await customersBed({ companies: 300 })
  const id = await bed.ask('FULL')
  const done = async () => (await bed.progress(id))?.done ?? 0
  let killed = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = await done()
    // Every kill meets pages under way.
    const skip = 3 + Math.floor(Math.random() * 3)
    await bed.sim('faults', { path: 'objects/\\w+\\?', skip, play: { do: 'hold' } })
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(bed.test.urls)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    // Dies some pages further, in the middle of whatever it is doing then.
    await until(async () => (await done()) > before)
    await wait(Math.random() * 60)
    child.kill('SIGKILL')
    await once(child, 'exit')
    killed += (await bed.progress(id))?.state === 'RUNNING' ? 1 : 0
    await bed.sim('faults', undefined, 'DELETE')
    await bed.lapse()
  }
  expect(killed).toBe(KILLS)
  await using _ = worker(bed)
  const run = await bed.ended(id)
  expect(run).toMatchObject({ state: 'COMPLETED', done: 2160, created: 2160, updated: 0, failed: 0 })

  const { entries } = await bed.journal()
  for (const [type, pages] of Object.entries(PAGES)) {
    const read = entries.filter(({ path }) => path.includes(`objects/${type}?`)).length
    expect(read - pages).toBeLessThanOrEqual(KILLS)
  }
  expect(await checkLedger(bed)).toEqual(CLEAN)
  // One event per record, none twice.
  for (const [name, count] of [
    ['company', 300],
    ['contact', 900],
    ['deal', 240],
    ['ticket', 120],
  ] as const) {
    const told = await eventsOf<Record<string, string>>(bed, `customers.${name}.changed`)
    expect(told).toHaveLength(count)
    expect(new Set(told.map((each) => each[`${name}Id`])).size).toBe(count)
  }
  const customers = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.customers').select('id').execute(),
  )
  expect(customers).toHaveLength(300)
})

it('fault 9: refuses every write of a worker that wakes after another one took its run', async () => {
  await using bed = await customersBed({ companies: 300 })
  await bed.sim('faults', { path: 'objects/\\w+\\?', skip: 4, play: { do: 'hold', afterCommit: true } })
  const id = await bed.ask('FULL')
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(bed.test.urls)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  await until(async () => ((await bed.progress(id))?.done ?? 0) > 0)
  child.kill('SIGSTOP')
  await bed.lapse()
  await bed.sim('faults', undefined, 'DELETE')
  await using _ = worker(bed)
  const at = (await bed.progress(id))?.done ?? 0
  await until(async () => ((await bed.progress(id))?.done ?? 0) > at)
  // It goes on with the page it holds in its hands, and finds that the run is no longer its own.
  child.kill('SIGCONT')
  const run = await bed.ended(id)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(run).toMatchObject({ state: 'COMPLETED', done: 2160, created: 2160, updated: 0, skipped: 0 })
  expect(await eventsOf(bed, 'customers.contact.changed')).toHaveLength(900)
})
