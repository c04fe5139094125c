import Big from 'big.js'
import { type Flaw, isFlaw } from './flaw.ts'

export const leadPartNames = ['FINANCIAL', 'GROWTH', 'ENGAGEMENT', 'FIT'] as const
export type LeadPartName = (typeof leadPartNames)[number]

/** The customers somebody looks for; what is empty or null does not count. Revenue in US dollars a year. */
export interface IdealCustomer {
  industries: readonly string[]
  countries: readonly string[]
  employeesFrom: number | null
  employeesTo: number | null
  revenueFrom: string | null
  revenueTo: string | null
}

/** How leads are scored. */
export interface LeadSettings {
  weights: Readonly<Record<LeadPartName, number>>
  halfLifeDays: number
  ideal: IdealCustomer
}

/** What an organisation says itself; the rest is as the hub has it. */
export type OwnLeadSettings = Partial<LeadSettings>

const ANYBODY: IdealCustomer = {
  ...{ industries: [], countries: [], employeesFrom: null, employeesTo: null },
  ...{ revenueFrom: null, revenueTo: null },
}

/**
 * As the hub has it. These are judgements: whether somebody talks to us says most of whether it buys soon. Whom somebody looks for, nobody
 * else can know: until it is said, fit is unknown and its weight goes to the other parts.
 */
export const LEAD_SETTINGS: LeadSettings = {
  weights: { FINANCIAL: 0.25, GROWTH: 0.2, ENGAGEMENT: 0.35, FIT: 0.2 },
  halfLifeDays: 30,
  ideal: ANYBODY,
}

/** What holds for an organisation that says this itself. */
export const leadSettingsOf = (own: OwnLeadSettings): LeadSettings => ({ ...LEAD_SETTINGS, ...own })

type Maybe<T> = T | null | undefined
/** A change as somebody asks for it; what is null or left out stays. Decimals are text. */
export interface AskedLeadSettings {
  weights?: Maybe<{ financial: string; growth: string; engagement: string; fit: string }>
  halfLifeDays?: Maybe<number>
  ideal?: Maybe<{
    industries?: Maybe<readonly string[]>
    countries?: Maybe<readonly string[]>
    employeesFrom?: Maybe<number>
    employeesTo?: Maybe<number>
    revenueFrom?: Maybe<string>
    revenueTo?: Maybe<string>
  }>
}

const MOST_WEIGHT = 1000
const [LEAST_HALF_LIFE, MOST_HALF_LIFE] = [7, 365]
const MOST_NAMES = 50
const LONGEST_NAME = 100

/** @returns what an organisation then says itself, or what is wrong with the change */
export const changeLeads = (
  own: OwnLeadSettings,
  { weights, halfLifeDays, ideal }: AskedLeadSettings,
): OwnLeadSettings | Flaw => {
  const changed: { -readonly [K in keyof OwnLeadSettings]: OwnLeadSettings[K] } = { ...own }
  if (weights) {
    const read = Object.fromEntries(
      leadPartNames.map((name) => [name, Number(weights[name.toLowerCase() as keyof typeof weights])]),
    ) as Record<LeadPartName, number>
    const all = Object.values(read)
    if (!all.every((n) => Number.isFinite(n) && n >= 0 && n <= MOST_WEIGHT) || !all.some((n) => n > 0))
      return {
        field: 'leads.weights',
        problem: `are numbers from 0 to ${MOST_WEIGHT}, and one of them is above 0`,
      }
    changed.weights = read
  }
  if (typeof halfLifeDays === 'number') {
    if (halfLifeDays < LEAST_HALF_LIFE || halfLifeDays > MOST_HALF_LIFE)
      return {
        field: 'leads.halfLifeDays',
        problem: `is a number of days from ${LEAST_HALF_LIFE} to ${MOST_HALF_LIFE}`,
      }
    changed.halfLifeDays = halfLifeDays
  }
  if (ideal) {
    const read = readIdeal(ideal)
    if (isFlaw(read)) return read
    changed.ideal = read
  }
  return changed
}

const readIdeal = (asked: NonNullable<AskedLeadSettings['ideal']>): IdealCustomer | Flaw => {
  const field = 'leads.ideal'
  const names: Pick<IdealCustomer, 'industries' | 'countries'> = { industries: [], countries: [] }
  for (const list of ['industries', 'countries'] as const) {
    names[list] = [...new Set((asked[list] ?? []).map((name) => name.trim()))]
    if (
      names[list].length > MOST_NAMES ||
      names[list].some((name) => name.length === 0 || name.length > LONGEST_NAME)
    )
      return {
        field: `${field}.${list}`,
        problem: `are at most ${MOST_NAMES} names of 1 to ${LONGEST_NAME} characters`,
      }
  }
  const { employeesFrom = null, employeesTo = null, revenueFrom = null, revenueTo = null } = asked
  const ranges = [
    ['employeesFrom', employeesFrom, employeesTo],
    ['revenueFrom', revenueFrom, revenueTo],
  ] as const
  for (const [from, least, most] of ranges)
    if (
      [least, most].some((n) => n !== null && new Big(n).lt(0)) ||
      (least !== null && most !== null && new Big(least).gt(most))
    )
      return { field: `${field}.${from}`, problem: 'is 0 or more, and not more than the end of its range' }
  return { ...names, employeesFrom, employeesTo, revenueFrom, revenueTo }
}
