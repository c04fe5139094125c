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
