import { describe, expect, it } from 'vitest'
import { compare, compareGone } from '#sync/compare.ts'
import type { Link, PackedLineage } from '#sync/links.ts'
import { POLICIES, type Policy, type PolicyTable, type Side, WHOLE_RECORD } from '#sync/policy.ts'
import type { FieldValue, Values } from '#sync/values.ts'

/**
 * Every policy × nine patterns of what both sides did since they last agreed. A cell says what the hub holds afterwards, what is
 * written to the source (`→`), and whether somebody has to decide (`?`). Lists stand where a policy is about lists.
 */
const BASE = new Date('2026-03-01T10:00:00Z')
const seconds = (n: number) => new Date(BASE.getTime() + n * 1000)
const TOLERANCE_MS = 2_000

interface Pattern {
  base: FieldValue
  theirs: FieldValue
  ours: FieldValue
  /** When each side changed it, in seconds after they agreed. */
  theirsAt?: number
  oursAt?: number
}
const list = (text: FieldValue): FieldValue => (typeof text === 'string' ? [...text].sort() : text)

const PATTERNS = {
  neither: { base: 'a', theirs: 'a', ours: 'a' },
  theirs: { base: 'a', theirs: 'ab', ours: 'a' },
  ours: { base: 'a', theirs: 'a', ours: 'ac' },
  alike: { base: 'a', theirs: 'ab', ours: 'ab' },
  'both, ours later': { base: 'a', theirs: 'ab', ours: 'ac', theirsAt: 10, oursAt: 20 },
  'both, theirs cleared, later': { base: 'a', theirs: null, ours: 'ac', theirsAt: 20, oursAt: 10 },
  'both, ours cleared, later': { base: 'a', theirs: 'ab', ours: null, theirsAt: 10, oursAt: 20 },
  'both, ours later within the tolerance': { base: 'a', theirs: 'ab', ours: 'ac', theirsAt: 10, oursAt: 12 },
} as const satisfies Record<string, Pattern>
type Row = keyof typeof PATTERNS | 'theirs deleted, ours changed'

/** What is the same whatever the policy: there is nothing to decide. */
const AGREED = { neither: 'a', theirs: 'ab', ours: 'ac →ac', alike: 'ab' } as const

const TABLE: Record<Policy, Record<Exclude<Row, keyof typeof AGREED>, string>> = {
  SOURCE: {
    'both, ours later': 'ab',
    'both, theirs cleared, later': '-',
    'both, ours cleared, later': 'ab',
    'both, ours later within the tolerance': 'ab',
    'theirs deleted, ours changed': 'gone',
  },
  HUB: {
    'both, ours later': 'ac →ac',
    'both, theirs cleared, later': 'ac →ac',
    'both, ours cleared, later': '- →-',
    'both, ours later within the tolerance': 'ac →ac',
    'theirs deleted, ours changed': 'kept →new',
  },
  LAST_WRITE: {
    'both, ours later': 'ac →ac',
    'both, theirs cleared, later': '-',
    'both, ours cleared, later': '- →-',
    'both, ours later within the tolerance': 'ab',
    'theirs deleted, ours changed': 'gone',
  },
  FILL_BLANK: {
    'both, ours later': 'ac →ac',
    'both, theirs cleared, later': 'ac →ac',
    'both, ours cleared, later': 'ab',
    'both, ours later within the tolerance': 'ac →ac',
    'theirs deleted, ours changed': 'gone',
  },
  NEVER_CLEAR: {
    'both, ours later': 'ab',
    'both, theirs cleared, later': 'ac →ac',
    'both, ours cleared, later': 'ab',
    'both, ours later within the tolerance': 'ab',
    'theirs deleted, ours changed': 'gone',
  },
  MERGE: {
    'both, ours later': 'abc →abc',
    'both, theirs cleared, later': 'c →c',
    'both, ours cleared, later': 'b →b',
    'both, ours later within the tolerance': 'abc →abc',
    'theirs deleted, ours changed': 'gone',
  },
  MANUAL: {
    'both, ours later': 'ac ?theirs',
    'both, theirs cleared, later': 'ac ?theirs',
    'both, ours cleared, later': '- ?theirs',
    'both, ours later within the tolerance': 'ac ?theirs',
    'theirs deleted, ours changed': 'kept ?theirs',
  },
}

const tableOf = (policy: Policy, more: Partial<PolicyTable> = {}): PolicyTable => ({
  version: 3,
  of: () => policy,
  clockToleranceMs: TOLERANCE_MS,
  ofDeletion: () => (policy === 'HUB' || policy === 'MANUAL' ? policy : 'SOURCE'),
  ...more,
})
const linkOf = (base: Values, oursAt: number | undefined): Link => ({
  externalId: '1',
  localId: 'L',
  base,
  lineage: {
    at: BASE.toISOString(),
    ...(oursAt === undefined ? {} : { fields: { f: { at: seconds(oursAt).toISOString(), by: 'HUB' } } }),
  },
  modifiedAt: BASE,
  goneReason: undefined,
  goneAt: undefined,
  syncedAt: BASE,
})

const compared = (table: PolicyTable, pattern: Pattern, open: readonly string[] = []) =>
  compare({
    type: 't',
    records: [
      { externalId: '1', values: { f: pattern.theirs }, modifiedAt: seconds(pattern.theirsAt ?? 10) },
    ],
    links: new Map([['1', linkOf({ f: pattern.base }, pattern.oursAt)]]),
    current: new Map([['L', { f: pattern.ours }]]),
    open: new Map([['L', new Set(open)]]),
    policy: table,
    localIdOf: (id) => id,
  })

const text = (value: FieldValue | undefined): string =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0)
    ? '-'
    : Array.isArray(value)
      ? value.join('')
      : String(value)

const cell = (policy: Policy, row: Row): string => {
  if (row === 'theirs deleted, ours changed') {
    const gone = { externalId: '1', localId: 'L', reason: 'archived' as const }
    const made = compareGone(
      {
        type: 't',
        links: new Map([['1', linkOf({ f: 'a' }, 10)]]),
        current: new Map([['L', { f: 'ac' }]]),
        policy: tableOf(policy),
      },
      [gone],
    )
    const [decision] = made.decisions
    expect(decision).toMatchObject({ field: WHOLE_RECORD, oursAt: seconds(10), theirs: 'deleted' })
    // One that is made anew there keeps its place here.
    const kept = made.gone.every((each) => each.survivorLocalId === 'L') ? 'kept' : 'gone'
    const written = made.pushes.length > 0 ? ' →new' : ''
    return `${kept}${written}${decision?.outcome === 'open' ? ` ?${decision.would}` : ''}`
  }
  const pattern: Pattern = PATTERNS[row]
  const { base, theirs, ours } = pattern
  const lists = policy === 'MERGE'
  const plan = compared(
    tableOf(policy),
    lists ? { ...pattern, base: list(base), theirs: list(theirs), ours: list(ours) } : pattern,
  )
  const [update] = plan.updates
  const [push] = plan.pushes
  const [decision] = plan.decisions
  const held = update ? update.values.f : lists ? list(ours) : ours
  return `${text(held)}${push ? ` →${text(push.fields.f)}` : ''}${decision?.outcome === 'open' ? ` ?${decision.would}` : ''}`
}

describe.each(POLICIES)('%s', (policy) => {
  it.each([...(Object.keys(AGREED) as (keyof typeof AGREED)[])])('%s: nothing is decided', (row) => {
    expect(cell(policy, row)).toBe(AGREED[row])
  })
  it.each(Object.entries(TABLE[policy]) as [Exclude<Row, keyof typeof AGREED>, string][])(
    '%s: %s',
    (row, expected) => {
      expect(cell(policy, row)).toBe(expected)
    },
  )
})

it('fault 50: writes every contest down with base, both values, both clocks, the policy and its version, whatever comes of it', () => {
  const pattern = PATTERNS['both, ours later']
  for (const policy of POLICIES) {
    const { decisions } = compared(tableOf(policy, { wordOf: () => 'SAID' }), pattern)
    expect(decisions).toMatchObject([
      {
        ...{ base: 'a', theirs: 'ab', ours: 'ac', theirsAt: seconds(10), oursAt: seconds(20) },
        ...{ policy, word: 'SAID', policyVersion: 3, isKnown: false },
      },
    ])
  }
})

it('fault 11: gives the owner the word where clocks are too close to tell, or one is not known', () => {
  const owned = (owner: Side, pattern: Pattern) =>
    compared(tableOf('LAST_WRITE', { ownerOf: () => owner }), pattern).decisions[0]?.outcome
  const within = PATTERNS['both, ours later within the tolerance']
  expect([owned('SOURCE', within), owned('HUB', within)]).toEqual(['theirs', 'ours'])
  const beyond = { ...within, oursAt: 12.001 }
  expect([owned('SOURCE', beyond), owned('HUB', beyond)]).toEqual(['ours', 'ours'])
  const { oursAt: _, ...unknown } = within
  expect([owned('SOURCE', unknown), owned('HUB', unknown)]).toEqual(['theirs', 'ours'])
})

describe('what is open', () => {
  const sides = (theirs: FieldValue, ours: FieldValue): Pattern => ({ base: 'a', theirs, ours })
  it('is neither overwritten nor written out under a table that would settle it by now', () => {
    for (const policy of POLICIES)
      for (const pattern of [sides('x', 'y'), sides('a', 'y'), sides('x', 'a')]) {
        const plan = compared(tableOf(policy), pattern, ['f'])
        expect(plan).toMatchObject({ updates: [], pushes: [], closed: [], unchanged: ['1'] })
        expect(plan.decisions).toMatchObject([{ outcome: 'open', isKnown: true, ...pattern }])
      }
  })
  it('ends by itself when both sides say the same', () => {
    for (const pattern of [sides('x', 'x'), sides('a', 'a')]) {
      const plan = compared(tableOf('MANUAL'), pattern, ['f'])
      expect(plan).toMatchObject({ closed: [{ localId: 'L', field: 'f' }], decisions: [], pushes: [] })
    }
  })
  it('does not keep other fields of the record', () => {
    const plan = compare({
      type: 't',
      records: [{ externalId: '1', values: { f: 'x', g: 'theirs', h: 'a' }, modifiedAt: seconds(10) }],
      links: new Map([['1', linkOf({ f: 'a', g: 'a', h: 'a' }, 5)]]),
      current: new Map([['L', { f: 'y', g: 'a', h: 'ours' }]]),
      open: new Map([['L', new Set(['f'])]]),
      policy: tableOf('SOURCE'),
      localIdOf: (id) => id,
    })
    expect(plan.updates).toMatchObject([
      { values: { f: 'y', g: 'theirs', h: 'ours' }, base: { f: 'a', g: 'theirs', h: 'a' } },
    ])
    expect(plan.pushes).toMatchObject([{ fields: { h: 'ours' } }])
  })
})

describe('fault 57: money', () => {
  const table = (policy: Policy) =>
    tableOf(policy, {
      together: (_, field) => ({ amount: ['currency'], currency: ['amount'] })[field] ?? [],
      isDecimal: (_, field) => field === 'amount',
    })
  const deal = (amount: string | null, currency: string) => ({ amount, currency })
  const both = (policy: Policy, base: Values, theirs: Values, ours: Values) =>
    compare({
      type: 'deals',
      records: [{ externalId: '1', values: theirs, modifiedAt: seconds(10) }],
      links: new Map([['1', linkOf(base, undefined)]]),
      current: new Map([['L', ours]]),
      policy: table(policy),
      localIdOf: (id) => id,
    })
  it('is compared as the decimal it is, to the last digit, and never as a float', () => {
    const same = both('MANUAL', deal('1', 'EUR'), deal('100.00', 'EUR'), deal('100', 'EUR'))
    expect(same).toMatchObject({ decisions: [], pushes: [] })
    const written = both('MANUAL', deal('100', 'EUR'), deal('100', 'EUR'), deal('100.000', 'EUR'))
    expect(written).toMatchObject({ decisions: [], pushes: [], unchanged: ['1'] })
    // As floats these are one number.
    const [one, other] = ['9007199254740992.0001', '9007199254740992.0002']
    expect(Number(one)).toBe(Number(other))
    expect(both('MANUAL', deal('1', 'EUR'), deal(one, 'EUR'), deal(other, 'EUR')).decisions).toHaveLength(1)
    expect(both('MANUAL', deal('1', 'EUR'), deal('0.1', 'EUR'), deal('.10', 'EUR')).decisions).toEqual([])
    expect(both('MANUAL', deal('1', 'EUR'), deal('', 'EUR'), deal('0', 'EUR')).decisions).toHaveLength(1)
  })
  it('never takes the amount of one side in the currency of the other', () => {
    // They changed the amount, we the currency: neither field alone is contested.
    const [base, theirs, ours] = [deal('100', 'EUR'), deal('110', 'EUR'), deal('100', 'USD')]
    const open = both('MANUAL', base, theirs, ours)
    expect(open.decisions.map(({ field, outcome }) => [field, outcome])).toEqual([
      ['amount', 'open'],
      ['currency', 'open'],
    ])
    expect(open).toMatchObject({ updates: [], pushes: [] })
    expect(both('SOURCE', base, theirs, ours)).toMatchObject({ updates: [{ values: theirs }], pushes: [] })
    expect(both('HUB', base, theirs, ours)).toMatchObject({
      updates: [{ values: ours, base: theirs }],
      pushes: [{ fields: ours }],
    })
  })
})

describe('fault 52: what was deleted here and changed there', () => {
  const deleted = (
    policy: Policy,
    theirs: FieldValue,
    fields: PackedLineage['fields'] = {},
    changedAt = seconds(10),
  ) =>
    compare({
      type: 't',
      records: [{ externalId: '1', values: { f: theirs }, modifiedAt: changedAt }],
      links: new Map([
        [
          '1',
          {
            ...linkOf({ f: 'a' }, undefined),
            ...{
              modifiedAt: seconds(3),
              goneReason: 'deleted' as const,
              goneAt: seconds(5),
              lineage: { at: BASE.toISOString(), fields },
            },
          },
        ],
      ]),
      current: new Map(),
      policy: tableOf(policy),
      localIdOf: (id) => id,
    })
  it('comes back where their change counts for more, and stays away where it does not', () => {
    expect(deleted('SOURCE', 'b')).toMatchObject({
      updates: [{ restored: true, values: { f: 'b' } }],
      decisions: [{ field: WHOLE_RECORD, theirs: 'changed', ours: 'deleted', outcome: 'theirs' }],
    })
    expect(deleted('HUB', 'b')).toMatchObject({ updates: [], decisions: [{ outcome: 'ours' }] })
    expect(deleted('MANUAL', 'b')).toMatchObject({ updates: [], decisions: [{ outcome: 'open' }] })
  })
  it('stays away when a person has upheld that, until they change it again', () => {
    const upheld = (until: number) =>
      deleted('SOURCE', 'b', { [WHOLE_RECORD]: { at: seconds(until).toISOString(), by: 'HUB' } })
    expect(upheld(10)).toMatchObject({ updates: [], decisions: [], unchanged: ['1'] })
    expect(upheld(9)).toMatchObject({ updates: [{ restored: true }] })
  })
  it('stays away without a word when they changed nothing', () => {
    expect(deleted('SOURCE', 'a')).toMatchObject({ updates: [], decisions: [], unchanged: ['1'] })
  })
  it('stays away without a word when what differs is only what the source made of our last write', () => {
    expect(deleted('SOURCE', 'b', {}, seconds(3))).toMatchObject({
      updates: [],
      decisions: [],
      unchanged: ['1'],
    })
  })
})
