import { expect, it } from 'vitest'
import { importedBed, reader, worker, writer } from '#test/kit/customers.ts'
import { CLEAN } from '#test/kit/ledger.ts'
import { divergences, lostUpdates, rest, writesIn } from './checking.ts'
import { editBothSides } from './edits.ts'

it('ends with both sides equal, or a conflict open, after random edits on both at once, and writes nothing more in three idle rounds', async () => {
  await using bed = await importedBed({ companies: 20, keyed: true }, [writer, reader, worker])
  const book = await editBothSides({ bed, seed: 4, edits: 120, hands: 4 })
  await rest(bed)
  await rest(bed)
  expect(await divergences(bed)).toEqual(CLEAN)
  expect(await lostUpdates(bed, book)).toEqual([])
  await bed.sim('journal', undefined, 'DELETE')
  for (let round = 0; round < 3; round++) await rest(bed)
  expect(await writesIn(bed)).toEqual([])
}, 180_000)
