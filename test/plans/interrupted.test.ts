import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ORG, worker } from '#test/kit/customers.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { askSubgraph, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { rowsOf } from '../customers/rows.ts'
import { APPROVE, type PlansBed, planned, plansBed, shown } from './bed.ts'

const PROGRAM = fileURLToPath(new URL('./plans-process.ts', import.meta.url))

const startProcess = async (bed: PlansBed): Promise<{ child: ChildProcess; url: string }> => {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(bed.test.urls)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = await once(child.stdout, 'data')
  return { child, url: String(url).trim() }
}

// Three processes are started one after the other.
it('does a plan once, though two processes are told to at once and whoever does it is killed three times, each time before it hears what it has written', async () => {
  await using bed = await plansBed({ companies: 12, firstPush: true, keyed: true })
  const companies = async () => [...(await rowsOf(bed, 'companies')).values()]
  {
    await using _ = worker(bed)
    await bed.sync('FULL')
  }
  const [rows, contacts] = [await companies(), [...(await rowsOf(bed, 'contacts')).values()]]
  const localId = randomUUID()
  const assumed = { createdate: bed.clock.now().toISOString() }
  await bed.change('companies', {
    creates: [{ localId, values: { name: 'Made once', domain: 'made-once.example' }, assumed }],
    updates: rows.slice(0, 3).map(({ id }) => ({ localId: id, values: { city: 'Ours' } })),
  })
  await bed.change('contacts', { deletes: contacts.slice(0, 2).map(({ id }) => id) })
  await bed.sim('records/companies', { id: rows[5]?.external_id, properties: { city: 'Theirs' } })
  let plan: Awaited<ReturnType<typeof planned>>
  {
    await using _ = worker(bed)
    plan = await planned(bed)
  }
  await bed.sim('journal', undefined, 'DELETE')
  const writes = ['companies/batch/update', 'companies/batch/upsert', 'contacts/batch/archive']
  await bed.sim('faults', {
    list: writes.map((path) => ({ path, times: 1, play: { do: 'hang', afterCommit: true } })),
  })
  const count = async (path: string) =>
    (await bed.journal()).entries.filter((entry) => entry.path.includes(path)).length

  let { child, url } = await startProcess(bed)
  const variables = { id: plan.id, hash: plan.hash }
  const both = await Promise.all([
    bed.ask(APPROVE, variables),
    askSubgraph(url, APPROVE, variables, principal(ORG)).then(({ data }) => data),
  ])
  const runs = new Set(both.map(({ approvePlan }) => approvePlan.run.id))
  expect(runs.size).toBe(1)
  const [runId = ''] = runs
  for (const path of writes) {
    await until(async () => (await count(path)) > 0)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await bed.progress(runId))?.state).toBe('RUNNING')
    await bed.lapse()
    if (path !== writes.at(-1)) ({ child, url } = await startProcess(bed))
  }
  await using _ = worker(bed)
  expect(await bed.ended(runId)).toMatchObject({ state: 'COMPLETED' })
  const done = await shown(bed, plan.id)
  expect(done).toMatchObject({ state: 'DONE', counts: plan.counts })
  expect(new Set(done.items.nodes.map(({ state }) => state))).toEqual(new Set(['DONE']))
  // What was sent is not sent again; what may have been made is asked for again by its key, and is the same.
  expect(await Promise.all(writes.map(count))).toEqual([1, 2, 1])
  const made = (await bed.records('companies')).filter(
    ({ properties }) => properties.hub_external_key === localId,
  )
  expect(made).toHaveLength(1)
  expect((await companies()).filter(({ properties }) => properties.city === 'Theirs')).toHaveLength(1)
  // The books know of each that it was written: by them it could be undone.
  const books = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.writes').select(['local_id', 'state']).where('state', '=', 'DONE').execute(),
  )
  expect(new Set(books.map(({ local_id }) => local_id)).size).toBe(6)
  expect(books).toHaveLength(6)
  await bed.sync('RECONCILE')
  expect(await bed.outgoing()).toEqual([])
  const { duplicate, ...ledger } = await checkLedger(bed)
  expect({ ...ledger, duplicate: duplicate.filter((each) => /^(companies|contacts)/.test(each)) }).toEqual(
    CLEAN,
  )
})
