import { expect, inject, it } from 'vitest'
import type { RecordType } from '#subgraphs/customers/domain/kinds.ts'
import { rowsOf } from '#test/customers/rows.ts'
import { type CustomersBed, importedBed, reader, worker, writer } from '#test/kit/customers.ts'
import { CLEAN } from '#test/kit/ledger.ts'
import { divergences, lostDeletes, lostLinks, lostUpdates, rest, writesIn } from './checking.ts'
import { editBothSides } from './edits.ts'

declare module 'vitest' {
  interface ProvidedContext {
    bothSides: { seeds: number[]; edits: number }
  }
}
const { seeds, edits } = inject('bothSides')
const WRITES = /\/batch\/(create|update|upsert|archive|associate)/

const heldOf = async (bed: CustomersBed, type: RecordType) =>
  new Map(
    [...(await rowsOf(bed, type)).values()].map((row) => [
      row.id,
      { isGone: row.gone_at !== null, values: row.properties },
    ]),
  )

it.each(seeds)(
  'ends with both sides equal, or a conflict open, after random edits on both at once, and writes nothing more in three idle rounds (%i)',
  async (seed) => {
    await using bed = await importedBed({ companies: 20, keyed: true }, [writer, reader, worker])
    const book = await editBothSides({ bed, seed, edits, hands: 4 })
    await rest(bed)
    await rest(bed)
    expect(await divergences(bed)).toEqual(CLEAN)
    expect(await lostUpdates(bed, book, (type) => heldOf(bed, type))).toEqual([])
    expect(await lostLinks(bed, book)).toEqual([])
    expect(await lostDeletes(bed, book)).toEqual([])
    await bed.sim('journal', undefined, 'DELETE')
    for (let round = 0; round < 3; round++) await rest(bed)
    expect(await writesIn(bed, WRITES)).toEqual([])
  },
  600_000,
)
