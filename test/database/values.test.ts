import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { ORG_A, trial } from './trial.ts'

it('gives values as the generated types say', async () => {
  await using t = await trial()
  const read = <T>(expression: string) =>
    t.database.read(ORG_A, async (tx) => {
      const { rows } = await sql<{ v: T }>`select ${sql.raw(expression)} as v`.execute(tx)
      return rows[0]?.v
    })
  expect(await read('9007199254740991::bigint')).toBe(9007199254740991)
  expect(await read("'{1,null}'::bigint[]")).toEqual([1, null])
  expect(await read('0.10::numeric(10,2)')).toBe('0.10')
  expect(await read("'{0.10,12345678901234567890.1}'::numeric[]")).toEqual(['0.10', '12345678901234567890.1'])
  expect(await read("date '2026-03-29'")).toBe('2026-03-29')
  expect(await read("'{2026-03-29}'::date[]")).toEqual(['2026-03-29'])
  expect(await read("timestamptz '2026-03-29 02:30:00+02'")).toEqual(new Date('2026-03-29T00:30:00Z'))
  expect(await read('\'{"a":[1]}\'::jsonb')).toEqual({ a: [1] })
  expect(await read("interval '1 day 2 hours'")).toBe('1 day 02:00:00')
  expect(await read("'{a,b}'::text[]")).toEqual(['a', 'b'])
})

it('fails rather than round a number that JavaScript cannot hold', async () => {
  await using t = await trial()
  const rounded = t.database.read(ORG_A, (tx) => sql`select 9007199254740993::bigint as v`.execute(tx))
  await expect(rounded).rejects.toThrow(RangeError)
  // The connection is as good as before.
  await t.database.read(ORG_A, (tx) => sql`select 1`.execute(tx))
})

it('knows letters with accents in sorting, lower case and trigrams, on every machine alike', async () => {
  await using t = await trial({
    files: { 'db/migrations/customers/1.sql': '-- trigrams\ncreate extension pg_trgm;' },
  })
  const rows = await t.database.read(ORG_A, async (tx) => {
    const result = await sql<{ lower: string; alike: number }>`
      select lower('ŻÓŁĆ MÜLLER') as lower, similarity('żółć', 'zolc') as alike`.execute(tx)
    return result.rows
  })
  expect(rows).toEqual([{ lower: 'żółć müller', alike: 0 }])
  const same = await t.database.read(ORG_A, (tx) =>
    sql<{ alike: number }>`select similarity('żółć', 'żółw') as alike`.execute(tx),
  )
  expect(same.rows[0]?.alike).toBeGreaterThan(0.4)
})
