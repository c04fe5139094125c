import { sql } from 'kysely'
import { expect, inject, it } from 'vitest'
import { importedC3, reader, worker, writer } from '#test/kit/c3.ts'
import { divergencesFromC3, heldOf } from '#test/kit/c3-books.ts'
import { editBothSidesOfC3 } from './c3-edits.ts'
import { lostUpdates, rest, writesIn } from './checking.ts'
import { standingsAtRest, watchColumns } from './standings.ts'

const { seeds, edits } = inject('bothSides')

it.each(seeds)(
  'ends with C3 and the hub equal by the policy, or a conflict open, after random edits on both at once, with a row for every decision, and writes nothing more in three idle rounds (%i)',
  async (seed) => {
    await using bed = await importedC3({ companies: 20 }, [writer, reader, worker])
    const stop = watchColumns(bed)
    const book = await editBothSidesOfC3({ bed, seed, edits, hands: 4 })
    await rest(bed)
    const { looks, untrue } = await stop()
    expect(untrue).toEqual([])
    expect(looks).toBeGreaterThan(0)
    await rest(bed)
    const { columns, graph, books } = await standingsAtRest(bed)
    expect(columns).toEqual(graph)
    expect(columns).toEqual(books)
    expect(await divergencesFromC3(bed)).toEqual([])
    const held = await heldOf(bed, 'rfqs')
    expect(await lostUpdates(bed, book, async () => held)).toEqual([])
    const decisions = await bed.select<{ policy: string; whole: boolean }>(sql`
      select policy, base is not null and theirs is not null and ours is not null and policy_version = 1
        and (field = '@record' or theirs_at is not null and ours_at is not null) as whole from sync.decisions`)
    const policies = new Set(decisions.map(({ policy }) => policy))
    expect([...policies].sort()).toEqual(['C3', 'LAST_WRITE', 'MANUAL'].filter((each) => policies.has(each)))
    expect(decisions).not.toEqual([])
    expect(decisions.filter(({ whole }) => !whole)).toEqual([])
    expect(await bed.select(sql`select code from sync.dead_letters where state = 'OPEN'`)).toEqual([])
    await bed.sim('journal', undefined, 'DELETE')
    for (let round = 0; round < 3; round++) await rest(bed)
    expect(await writesIn(bed, /^(PUT|POST|DELETE) /)).toEqual([])
  },
  600_000,
)
