/**
 * Which customers that only C3 or WARP knows are made companies of a portal.
 *
 * twin  the company of HubSpot that a customer is made, so that sales has it too
 */
import { parseName } from './matching/name.ts'
import { matchDomain } from './names.ts'
import { type InclusionRule, takesPart } from './settings.ts'

export const TWIN_SYSTEMS = ['C3', 'WARP'] as const
export type TwinSystem = (typeof TWIN_SYSTEMS)[number]
export type TwinCondition = 'DOMAIN' | 'BILLING' | 'REQUEST'
export type TwinReason =
  | 'NO_BUSINESS'
  | 'CONDITION'
  | 'NAMESAKE'
  | 'UNDECIDED'
  | 'MADE_BEFORE'
  | 'NOT_TAKING_PART'

/** What is decided for a portal. */
export interface TwinPolicy {
  version: number
  isOn: boolean
  systems: TwinSystem[]
  conditions: TwinCondition[]
}

/** The version of a policy that nobody has changed. */
const FIRST = 1

/** While nobody has decided anything, nothing is made. */
export const NO_TWINS: TwinPolicy = {
  ...{ version: FIRST, isOn: false },
  systems: [...TWIN_SYSTEMS],
  conditions: ['DOMAIN'],
}

/** A customer without a company, with what it is judged by. */
export interface TwinFacts {
  id: string
  name: string
  domain: string | null
  /** Whether the portal has a live company of its web domain. */
  hasNamesake: boolean
  /** Whether somebody has to decide whether one of its accounts is a company's, or nobody has looked at them yet. */
  isUndecided: boolean
  hasBilling: boolean
  hasRequest: boolean
  wasMade: boolean
}

/** What a customer's company would say. */
export const twinValues = ({ name, domain }: Pick<TwinFacts, 'name' | 'domain'>): Record<string, string> => ({
  name,
  ...(domain === null ? {} : { domain }),
})

const CONDITIONS: Record<TwinCondition, (facts: TwinFacts) => boolean> = {
  DOMAIN: ({ domain }) => matchDomain(domain) !== null,
  BILLING: ({ hasBilling }) => hasBilling,
  REQUEST: ({ hasRequest }) => hasRequest,
}

/** Whether a name has a word such as LLC or GmbH, which no person has. */
const hasLegalForm = (name: string): boolean => parseName(name).legalForm !== null

/** Why a customer is not made a company; null when it is. The reasons are asked in their order. */
export const reasonAgainst = (
  facts: TwinFacts,
  policy: Pick<TwinPolicy, 'conditions'>,
  inclusion: readonly InclusionRule[],
): TwinReason | null => {
  if (facts.wasMade) return 'MADE_BEFORE'
  if (!CONDITIONS.DOMAIN(facts) && !hasLegalForm(facts.name)) return 'NO_BUSINESS'
  if (!policy.conditions.every((condition) => CONDITIONS[condition](facts))) return 'CONDITION'
  if (facts.isUndecided) return 'UNDECIDED'
  if (facts.hasNamesake) return 'NAMESAKE'
  // Of lists only HubSpot knows who is in them: nobody is before it exists.
  return takesPart(inclusion, 'companies', twinValues(facts)) ? null : 'NOT_TAKING_PART'
}

/** What is wrong with a policy, for people; undefined when nothing is. */
export const faultOfTwins = (ask: {
  systems: readonly string[]
  conditions: readonly string[]
}): { field: string; message: string } | undefined => {
  const ours: readonly string[] = TWIN_SYSTEMS
  if (ask.systems.length === 0 || !ask.systems.every((system) => ours.includes(system)))
    return { field: 'systems', message: 'Name C3, WARP or both.' }
  if (new Set(ask.systems).size < ask.systems.length)
    return { field: 'systems', message: 'Name each system once.' }
  if (new Set(ask.conditions).size < ask.conditions.length)
    return { field: 'conditions', message: 'Name each condition once.' }
  return undefined
}
