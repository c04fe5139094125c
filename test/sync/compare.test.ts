import { describe, expect, it } from 'vitest'
import { compare } from '#sync/compare.ts'
import type { Link } from '#sync/links.ts'
import { contentHash } from '#sync/plan.ts'
import type { Policy } from '#sync/policy.ts'
import type { SourceRecord } from '#sync/source.ts'
import type { FieldValue, Values } from '#sync/values.ts'

const AT = new Date('2026-03-01T10:00:00Z')
const link = (base: Values, more: Partial<Link> = {}): Link => ({
  externalId: '1',
  localId: 'L1',
  base,
  lineage: { at: AT.toISOString(), run: 'r' },
  modifiedAt: AT,
  goneReason: undefined,
  goneAt: undefined,
  syncedAt: AT,
  ...more,
})
const record = (values: Values, more: Partial<SourceRecord> = {}): SourceRecord => ({
  externalId: '1',
  values,
  modifiedAt: new Date('2026-03-02T10:00:00Z'),
  ...more,
})
const plan = (
  records: SourceRecord[],
  links: Link[],
  current: Record<string, Values> = {},
  policy: Policy = 'SOURCE',
) =>
  compare({
    type: 'companies',
    records,
    links: new Map(links.map((each) => [each.externalId, each])),
    current: new Map(Object.entries(current)),
    policy: { version: 7, of: () => policy, clockToleranceMs: 0 },
    localIdOf: (id) => `new ${id}`,
  })

describe('one field, three ways', () => {
  const cases: {
    title: string
    base: FieldValue
    theirs: FieldValue
    ours: FieldValue
    policy?: Policy
    /** What the hub holds, and what both have agreed on, afterwards. */
    now: FieldValue
    agreed: FieldValue
    push?: FieldValue
    outcome?: string
  }[] = [
    { title: 'nobody changed it', base: 'a', theirs: 'a', ours: 'a', now: 'a', agreed: 'a' },
    { title: 'they changed it', base: 'a', theirs: 'b', ours: 'a', now: 'b', agreed: 'b' },
    { title: 'they cleared it', base: 'a', theirs: null, ours: 'a', now: null, agreed: null },
    { title: 'we changed it', base: 'a', theirs: 'a', ours: 'b', now: 'b', agreed: 'a', push: 'b' },
    { title: 'both changed it alike', base: 'a', theirs: 'b', ours: 'b', now: 'b', agreed: 'b' },
    { title: 'both, SOURCE', base: 'a', theirs: 'b', ours: 'c', now: 'b', agreed: 'b', outcome: 'theirs' },
    {
      title: 'both, HUB',
      base: 'a',
      theirs: 'b',
      ours: 'c',
      policy: 'HUB',
      now: 'c',
      agreed: 'b',
      push: 'c',
      outcome: 'ours',
    },
    {
      title: 'both, MANUAL',
      base: 'a',
      theirs: 'b',
      ours: 'c',
      policy: 'MANUAL',
      now: 'c',
      agreed: 'a',
      outcome: 'open',
    },
    {
      title: 'both, FILL_BLANK over a value',
      base: 'a',
      theirs: 'b',
      ours: 'c',
      policy: 'FILL_BLANK',
      now: 'c',
      agreed: 'b',
      push: 'c',
      outcome: 'ours',
    },
    {
      title: 'both, FILL_BLANK over nothing',
      base: 'a',
      theirs: 'b',
      ours: null,
      policy: 'FILL_BLANK',
      now: 'b',
      agreed: 'b',
      outcome: 'theirs',
    },
    {
      title: 'both, NEVER_CLEAR',
      base: 'a',
      theirs: null,
      ours: 'c',
      policy: 'NEVER_CLEAR',
      now: 'c',
      agreed: null,
      push: 'c',
      outcome: 'ours',
    },
    {
      title: 'both, MERGE',
      base: ['a'],
      theirs: ['a', 'b'],
      ours: ['a', 'c'],
      policy: 'MERGE',
      now: ['a', 'b', 'c'],
      agreed: ['a', 'b'],
      push: ['a', 'b', 'c'],
      outcome: 'merged',
    },
    {
      title: 'a link was taken away',
      base: ['1', '2'],
      theirs: ['1'],
      ours: ['1', '2'],
      now: ['1'],
      agreed: ['1'],
    },
  ]
  for (const each of cases)
    it(each.title, () => {
      const made = plan(
        [record({ f: each.theirs })],
        [link({ f: each.base })],
        { L1: { f: each.ours } },
        each.policy,
      )
      const update = made.updates[0]
      expect(update ? (update.values.f ?? null) : each.ours).toEqual(each.now)
      expect(update ? ((update.base ?? update.values).f ?? null) : each.base).toEqual(each.agreed)
      expect(made.pushes[0]?.fields.f).toEqual(each.push)
      expect(made.decisions.map((d) => d.outcome)).toEqual(each.outcome ? [each.outcome] : [])
      expect(made.updates.length + made.unchanged.length).toBe(1)
    })
})

it('takes different fields from both sides without a conflict', () => {
  const made = plan([record({ a: 'theirs', b: '2' })], [link({ a: '1', b: '2' })], {
    L1: { a: '1', b: 'ours' },
  })
  expect(made.updates[0]?.values).toEqual({ a: 'theirs', b: 'ours' })
  expect(made.pushes[0]?.fields).toEqual({ b: 'ours' })
  expect(made.decisions).toEqual([])
})

it('leaves alone what the source did not tell', () => {
  const made = plan([record({ a: '1' })], [link({ a: '1', custom: 'x' })], { L1: { a: '1', custom: 'x' } })
  expect(made).toMatchObject({ updates: [], unchanged: ['1'] })
})

it('passes over a state that is older than the one it has', () => {
  const old = record({ a: 'old' }, { modifiedAt: new Date('2026-02-01T00:00:00Z') })
  expect(plan([old], [link({ a: 'new' })]).unchanged).toEqual(['1'])
})

it('takes the newest state when a page holds a record twice', () => {
  const older = record({ a: 'x' }, { modifiedAt: new Date('2026-03-01T11:00:00Z') })
  expect(plan([record({ a: 'y' }), older], []).creates).toMatchObject([{ values: { a: 'y' } }])
})

it('fault 28: brings an archived record back even when no field differs', () => {
  const made = plan([record({ a: '1' })], [link({ a: '1' }, { goneReason: 'archived' })])
  expect(made.updates).toMatchObject([{ externalId: '1', localId: 'L1', restored: true, diff: {} }])
})

it('does not bring back by an older page what has gone since it was asked for', () => {
  const gone = link({ a: '1' }, { goneReason: 'archived', goneAt: new Date('2026-03-03T10:00:00Z') })
  const made = (askedAt: string) =>
    compare({
      type: 'companies',
      records: [record({ a: '1' })],
      links: new Map([['1', gone]]),
      current: new Map(),
      policy: { version: 7, of: () => 'SOURCE', clockToleranceMs: 0 },
      askedAt: new Date(askedAt),
      localIdOf: (id) => id,
    })
  expect(made('2026-03-03T09:59:59Z')).toMatchObject({ updates: [], unchanged: ['1'] })
  expect(made('2026-03-03T10:00:01Z')).toMatchObject({ updates: [{ restored: true }], unchanged: [] })
})

it('fault 27: keeps our id when a merge gives the record a new one at the source', () => {
  const merged = record({ a: '1' }, { externalId: '9', mergedIds: ['1', '2'] })
  const made = plan([merged], [link({ a: '1' }), link({ a: '2' }, { externalId: '2', localId: 'L2' })])
  expect(made.creates).toEqual([])
  expect(made.updates).toMatchObject([{ externalId: '9', localId: 'L1', formerId: '1' }])
  expect(made.gone).toMatchObject([
    { externalId: '1', localId: 'L1', survivorId: '9', survivorLocalId: 'L1' },
    { externalId: '2', localId: 'L2', reason: 'merged', survivorId: '9', survivorLocalId: 'L1' },
  ])
})

it('fault 37: cuts out of a text what the database cannot store, and keeps the rest', () => {
  expect(plan([record({ a: 'x\u0000y', b: 'z\ud800' })], []).creates[0]?.values).toEqual({
    a: 'xy',
    b: 'z\ufffd',
  })
})

it('gives equal plans equal hashes, and different ones different hashes', () => {
  const one = plan([record({ a: '1', b: '2' })], [])
  const same = plan([record({ b: '2', a: '1' })], [])
  const other = plan([record({ a: '1', b: '3' })], [])
  expect(contentHash(one)).toBe(contentHash(same))
  expect(contentHash(one)).not.toBe(contentHash(other))
})

describe('what was deleted here', () => {
  const gone = (base: Values) => link(base, { goneReason: 'deleted', goneAt: AT })
  const later = { modifiedAt: new Date('2026-03-05T10:00:00Z') }
  const staying = { updates: [], decisions: [], pushes: [{ localId: 'L1' }] }

  it('is not brought back by what we have written ourselves, told or not, nor by what the source works out', () => {
    const table = {
      ...{ version: 7, of: () => 'SOURCE' as const, clockToleranceMs: 0 },
      isDerived: (_: string, field: string) => field === 'score',
    }
    const read = (theirs: Values) =>
      compare({
        ...{ type: 'companies', records: [record(theirs, later)], policy: table, localIdOf: (id) => id },
        links: new Map([['1', gone({ city: 'agreed', score: '1' })]]),
        current: new Map([['L1', { city: 'ours at last', score: '1' }]]),
        written: new Map([['L1', { city: 'ours on its way' }]]),
      })
    for (const city of ['agreed', 'ours on its way', 'ours at last'])
      expect(read({ city, score: '2' })).toMatchObject(staying)
    expect(read({ city: 'theirs', score: '2' })).toMatchObject({ updates: [{ restored: true }] })
  })

  it('is not who survives a merge while another of the merged ones is here; alone it comes back, since they have changed it', () => {
    const merged = record({ a: '1' }, { ...later, externalId: '9', mergedIds: ['1', '2'] })
    const other = link({ a: '2' }, { externalId: '2', localId: 'L2' })
    expect(plan([merged], [gone({ a: '1' }), other], { L1: { a: '1' }, L2: { a: '2' } })).toMatchObject({
      updates: [{ externalId: '9', localId: 'L2', formerId: '2' }],
      gone: [
        { externalId: '1', localId: 'L1', survivorLocalId: 'L2' },
        { externalId: '2', localId: 'L2', survivorLocalId: 'L2' },
      ],
    })
    expect(plan([merged], [gone({ a: '1' })], { L1: { a: '1' } })).toMatchObject({
      updates: [{ externalId: '9', localId: 'L1', formerId: '1' }],
      decisions: [{ theirs: 'changed', ours: 'deleted', outcome: 'theirs' }],
    })
  })
})

it('takes no word of ours for theirs that was written without an answer, once we say something else', () => {
  const told = (values: Values, theirs: Values, ours: Values) =>
    compare({
      type: 'companies',
      records: [record(theirs)],
      links: new Map([['1', link({ city: 'agreed', phone: '1' })]]),
      current: new Map([['L1', ours]]),
      policy: { version: 7, of: () => 'SOURCE', clockToleranceMs: 0 },
      written: new Map([['L1', values]]),
      localIdOf: (id) => `new ${id}`,
    })
  const base = { phone: '1' }
  const since = told({ city: 'first' }, { city: 'first', ...base }, { city: 'second', ...base })
  expect(since).toMatchObject({ decisions: [], pushes: [{ fields: { city: 'second' } }] })
  // Agreed on, so that what is looked behind later is known to have been ours.
  expect(since.updates).toMatchObject([{ diff: {}, values: { city: 'second' }, base: { city: 'first' } }])
  const theirs = told({ city: 'first' }, { city: 'theirs', ...base }, { city: 'second', ...base })
  expect(theirs.decisions).toMatchObject([{ theirs: 'theirs', ours: 'second', outcome: 'theirs' }])
  const still = told({ city: 'first' }, { city: 'first', ...base }, { city: 'first', ...base })
  expect(still).toMatchObject({ decisions: [], pushes: [], updates: [{ diff: {}, base: undefined }] })
  const back = told({ city: 'first' }, { city: 'agreed', ...base }, { city: 'second', ...base })
  expect(back).toMatchObject({ decisions: [], updates: [], pushes: [{ fields: { city: 'second' } }] })
})

it('takes no links from a reading that was asked for before somebody else settled them, and has them read again', () => {
  const read = (askedAt: Date) =>
    compare({
      ...{ type: 'companies', policy: { version: 7, of: () => 'SOURCE', clockToleranceMs: 0 }, askedAt },
      ...{ records: [record({ a: '2', '@to': ['x'] })], localIdOf: (id) => id },
      links: new Map([['1', { ...link({}), base: undefined }]]),
      current: new Map([['L1', { a: '1', '@to': ['x', 'y'] }]]),
    })
  expect(read(new Date(AT.getTime() - 1))).toMatchObject({
    updates: [{ values: { a: '2', '@to': ['x', 'y'] } }],
    again: ['1'],
  })
  expect(read(AT)).toMatchObject({ updates: [{ values: { a: '2', '@to': ['x'] } }], again: [] })
})
