import { describe, expect, it } from 'vitest'
import {
  chooseValue,
  DEFAULT_RULES,
  decidedWith,
  faultOfGoldenRules,
  type HeardSystem,
  keptValues,
  pinnedValue,
  rulesWith,
  type SayingAccount,
  type ValueChoice,
} from '#subgraphs/customers/domain/golden.ts'

const account = (
  system: HeardSystem,
  accountId: string,
  says: SayingAccount['says'],
  day?: number,
): SayingAccount => ({
  ...{ system, accountId, externalId: accountId, says },
  observedAt: day === undefined ? null : new Date(Date.UTC(2026, 0, day)),
})

const ACCOUNTS = [
  account('C3', 'c1', { NAME: 'Harbor Light Clinics Incorporated', DOMAIN: 'harborlight.org' }, 3),
  account('C3', 'c2', { NAME: 'Harbor Light', DOMAIN: null }, 9),
  account('HUBSPOT', 'h1', { NAME: 'HLC', DOMAIN: null, INDUSTRY: null }, 5),
  account('HUBSPOT', 'h2', { NAME: 'Harbor Light Clinics', DOMAIN: 'hlc.example', INDUSTRY: 'HEALTH' }, 4),
]
const ALL: HeardSystem[] = ['HUBSPOT', 'C3', 'WARP']
const chosen = (field: 'NAME' | 'DOMAIN' | 'INDUSTRY', choose: ValueChoice, systems: HeardSystem[] = ALL) =>
  chooseValue(field, { choose, systems }, ACCOUNTS, undefined).account?.accountId

describe('chooses among what accounts say', () => {
  it.each([
    ['LEADING', 'NAME', 'h1', 'the leading account of the first system'],
    ['LEADING', 'DOMAIN', 'c1', 'the next system where that one is silent'],
    ['LEADING', 'INDUSTRY', undefined, 'nobody where no leading account says it'],
    ['FIRST', 'DOMAIN', 'h2', 'the first of all accounts that says it'],
    ['NEWEST', 'NAME', 'c2', 'whoever changed last'],
    ['NEWEST', 'DOMAIN', 'h2', 'whoever changed last among those that say it'],
    ['LONGEST', 'NAME', 'c1', 'the longest'],
    ['MOST_SAID', 'NAME', 'h2', 'what most say: names count as the same without their legal form'],
  ] as const)('%s of %s: %s (%s)', (choose, field, expected, _why) => {
    expect(chosen(field, choose)).toBe(expected)
  })

  it('hears only the systems that are named, and in their order', () => {
    expect(chosen('NAME', 'LEADING', ['C3', 'HUBSPOT'])).toBe('c1')
    expect(chosen('DOMAIN', 'FIRST', ['WARP'])).toBeUndefined()
  })

  it('never leaves a customer without a name', () => {
    expect(chosen('NAME', 'LONGEST', ['WARP'])).toBe('h1')
  })

  it('asks no rule where somebody decided by hand', () => {
    expect(chooseValue('NAME', DEFAULT_RULES.NAME, ACCOUNTS, 'Harbor')).toEqual({
      ...{ value: 'Harbor', account: null, isPinned: true },
    })
  })
})

describe('keeps in a customer’s row', () => {
  const held = {
    ...{ name: 'HLC', domain: 'hlc.example', industry: 'HEALTH' },
    ...{ lifecycle_stage: 'customer', owner_id: 'somebody' },
  }
  const only = (accounts: SayingAccount[], hasLead = true) => ({ held, accounts, pins: {}, hasLead })

  it('everything while no account is live', () => {
    expect(keptValues(only([]), DEFAULT_RULES)).toEqual(held)
  })

  it('what a company said that is gone, unless it is with another customer now', () => {
    const c3 = ACCOUNTS.slice(0, 1)
    const named = { name: 'Harbor Light Clinics Incorporated', domain: 'harborlight.org' }
    expect(keptValues(only(c3), DEFAULT_RULES)).toEqual({ ...held, ...named })
    expect(keptValues(only(c3, false), DEFAULT_RULES)).toEqual({
      ...{ ...named, industry: null, lifecycle_stage: null, owner_id: null },
    })
  })

  it('nothing of what was decided by hand once that is taken back', () => {
    expect(keptValues(only(ACCOUNTS.slice(0, 1)), DEFAULT_RULES, 'OWNER').owner_id).toBeNull()
  })
})

it('keeps only what differs from what is taken for granted as decided', () => {
  const asked = [
    { field: 'NAME', choose: 'LEADING', systems: ALL },
    { field: 'CITY', choose: 'NEWEST', systems: ['C3'] },
  ] as const
  const decided = decidedWith({ NAME: { choose: 'LONGEST', systems: ['C3'] } }, asked)
  expect(decided).toEqual({ CITY: { choose: 'NEWEST', systems: ['C3'] } })
  expect(rulesWith(decided).NAME).toBe(DEFAULT_RULES.NAME)
})

it.each([
  [[], 'at least one field'],
  [[{ field: 'NAME', choose: 'FIRST', systems: [] }], 'at least one system'],
  [[{ field: 'NAME', choose: 'FIRST', systems: ['C3', 'C3'] }], 'each system once'],
  [[{ field: 'EMPLOYEES', choose: 'LONGEST', systems: ['C3'] }], 'The longest is no choice'],
  [
    [
      { field: 'NAME', choose: 'FIRST', systems: ['C3'] },
      { field: 'NAME', choose: 'NEWEST', systems: ['C3'] },
    ],
    'each field once',
  ],
] as const)('says what is wrong with rules: %j', (rules, fault) => {
  expect(faultOfGoldenRules(rules)).toContain(fault)
})

it.each([
  ['DOMAIN', ' https://www.Acme.co.uk/contact ', 'acme.co.uk'],
  ['DOMAIN', 'acme', undefined],
  ['EMPLOYEES', '0120', '120'],
  ['EMPLOYEES', 'many', undefined],
  ['ANNUAL_REVENUE', '120000.50 EUR', '120000.50 EUR'],
  ['ANNUAL_REVENUE', '120000', undefined],
  ['NAME', '  ', undefined],
  ['NAME', 'x'.repeat(301), undefined],
] as const)('takes %s by hand as it is kept: %s', (field, said, kept) => {
  expect(pinnedValue(field, said)).toEqual(kept ? { value: kept } : { wrong: expect.any(String) })
})
