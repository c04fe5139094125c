/**
 * method    one way of saying something of a customer beyond its health, such as how likely it leaves: pure, like everything here
 * finding   what a method says: a plain document, kept as it is. What it holds is rounded to what is shown, so that it moves only when
 *           somebody would see it move
 *
 * A method is added in two places: what it says in `FindingValues`, and how in `methods`, behind those it rests on.
 */
import type { ProfileFields } from '#schema/events.ts'
import { type Behaviour, behaviour } from './buying/behaviour.ts'
import { type NextOrder, nextOrder } from './buying/next-order.ts'
import { type Opportunities, opportunities } from './buying/opportunities.ts'
import { type Value, value } from './buying/value.ts'
import { type BuyingSignals, buyingSignals } from './buying-signals.ts'
import { type Churn, churn } from './churn.ts'
import type { Known } from './facts.ts'
import type { Health } from './health.ts'
import { type Lead, lead } from './lead.ts'
import { earliest } from './measuring.ts'
import type { Models } from './models.ts'
import { type Risk, risk } from './risk.ts'
import { isSame } from './same.ts'
import type { Settings } from './settings.ts'

/** What each method says of a customer. Texts, numbers, lists and records only: it is kept as JSON. */
export interface FindingValues {
  buying: Behaviour
  value: Value
  nextOrder: NextOrder
  opportunities: Opportunities
  churn: Churn
  risk: Risk
  lead: Lead
  buyingSignals: BuyingSignals
}

export type FindingName = keyof FindingValues

/** What is found of one customer; what nothing can be said of is absent. */
export type Values = { [N in FindingName]?: FindingValues[N] }

/** What a method may read beside the facts. */
export interface Beside<Value> {
  settings: Settings
  models: Partial<Models>
  health: Health
  /** What the methods before it have found. */
  found: Values
  /** What it said itself the last time: for hysteresis. */
  last: Value | undefined
}

export interface Method<Value> {
  /** Null when nothing can be said; `dueAt`: when time alone makes it say something else, null when it never does. */
  find(known: Known, beside: Beside<Value>): { value: Value | null; dueAt: Date | null }
  /** What others are told of it, under the names that HubSpot's companies have for it. */
  told?(value: Value, asOf: string): ProfileFields
}

/** All there are, in the order in which they are asked. */
const methods: { [N in FindingName]: Method<FindingValues[N]> } = {
  buying: behaviour,
  value,
  nextOrder,
  opportunities,
  churn,
  risk,
  lead,
  buyingSignals,
}

const names = Object.keys(methods) as FindingName[]

export interface Found {
  values: Values
  /** The findings that are not what they were. */
  moved: readonly FindingName[]
  asOf: Date
  dueAt: Date | null
}

/** What was found the last time, and when it last moved. */
export interface FindingsMemory {
  values: Values
  asOf: Date
}

/** Asks every method. */
export const findAll = (
  known: Known,
  beside: Pick<Beside<never>, 'settings' | 'models' | 'health'>,
  memory: FindingsMemory | undefined,
): Found => {
  const found: Values = {}
  const dates: (Date | null)[] = []
  const ask = <N extends FindingName>(name: N) => {
    const { value, dueAt } = methods[name].find(known, { ...beside, found, last: memory?.values[name] })
    if (value !== null) found[name] = value
    dates.push(dueAt)
  }
  for (const name of names) ask(name)
  const moved = movedFindings(memory?.values ?? {}, found)
  return { values: found, moved, asOf: known.asOf, dueAt: earliest(dates) }
}

/** The findings that are not what they were. */
export const movedFindings = (before: Values, after: Values): FindingName[] =>
  names.filter((name) => !isSame(before[name], after[name]))

/**
 * What these findings say of a customer to others; undefined when that is nothing.
 * @param before what was said before: fields that nothing is said of any more are told as null
 */
export const toldOf = (
  moved: readonly FindingName[],
  before: Values,
  after: Values,
  at: Date,
): ProfileFields | undefined => {
  const asOf = at.toISOString()
  const fields: ProfileFields = {}
  const tell = <N extends FindingName>(name: N) => {
    const say = (value: FindingValues[N] | undefined) =>
      value === undefined ? {} : (methods[name].told?.(value, asOf) ?? {})
    const gone = Object.keys(say(before[name])).map((field) => [
      field,
      { value: null, confidence: '0.00', asOf },
    ])
    Object.assign(fields, Object.fromEntries(gone), say(after[name]))
  }
  for (const name of moved) tell(name)
  return Object.keys(fields).length > 0 ? fields : undefined
}
