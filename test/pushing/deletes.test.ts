import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HeldRow, rowsOf } from '#test/customers/rows.ts'
import { type CustomersBed, importedBed, ORG, reader, worker, writer } from '#test/kit/customers.ts'
import { quiet } from '#test/kit/engine.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { until } from '#test/kit/until.ts'

const stack = new AsyncDisposableStack()
let bed: CustomersBed
let rows: HeldRow[]
beforeAll(async () => {
  bed = stack.use(await importedBed({ companies: 4, keyed: true }, [reader, writer, worker]))
  rows = [...(await rowsOf(bed, 'companies')).values()]
})
afterAll(() => stack.disposeAsync())

const fault = (path: string, play: object) => bed.sim('faults', { path, times: 1, play })
/** A write of a record is under way. */
const sent = (localId: string, operation: string) =>
  until(
    async () =>
      (
        await bed.database.read(ORG, (tx) =>
          tx
            .selectFrom('sync.writes')
            .select('id')
            .where('local_id', '=', localId)
            .where('operation', '=', operation)
            .execute(),
        )
      ).length > 0,
  )
const isHere = async (localId: string) =>
  [...(await rowsOf(bed, 'companies')).values()].some(({ id, gone_at }) => id === localId && gone_at === null)
const isThere = async (name: string) =>
  (await bed.records('companies')).some(({ properties, archived }) => properties.name === name && !archived)

it('lets go what is deleted here while it is being made there', async () => {
  const localId = randomUUID()
  await fault('companies/batch/upsert', { do: 'hold' })
  const values = { name: 'Made and gone', domain: 'made-and-gone.example' }
  await bed.change('companies', { creates: [{ localId, values }] })
  await sent(localId, 'CREATE')
  await bed.change('companies', { deletes: [localId] })
  await bed.sim('faults', undefined, 'DELETE')
  await quiet(bed)
  expect([await isHere(localId), await isThere('Made and gone')]).toEqual([false, false])
})

it('lets go what is deleted here while it is being changed there, whoever reads it in between', async () => {
  const { id, external_id: externalId } = rows[0]!
  await fault('companies/batch/update', { do: 'hang', ms: 500, afterCommit: true })
  await bed.change('companies', { updates: [{ localId: id, values: { name: 'Changed and gone' } }] })
  await until(() => isThere('Changed and gone'))
  await bed.change('companies', { deletes: [id] })
  await bed.note('companies', [externalId])
  await quiet(bed)
  expect([await isHere(id), await isThere('Changed and gone')]).toEqual([false, false])
})

it('lets a record go that is brought back by a change there while it is being archived', async () => {
  const { id, external_id: externalId } = rows[1]!
  await fault('companies/batch/archive', { do: 'hold' })
  await bed.change('companies', { deletes: [id] })
  await sent(id, 'ARCHIVE')
  await bed.sim('records/companies', { id: externalId, properties: { name: 'Changed too late' } })
  await bed.note('companies', [externalId])
  await until(() => isHere(id))
  await bed.sim('faults', undefined, 'DELETE')
  await quiet(bed)
  expect([await isHere(id), await isThere('Changed too late')]).toEqual([false, false])
  await bed.sync('RECONCILE')
  expect(await checkLedger(bed)).toEqual(CLEAN)
})
