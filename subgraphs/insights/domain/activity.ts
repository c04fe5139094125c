/**
 * activity      a time that somebody of the customer and somebody of ours were in touch, as far as a system has noticed it
 * interaction   one such time that can be counted: a record of its own, or a mail that was answered
 *
 * Notes and tasks are no activity: the hub writes some of them itself, and would then take its own advice for a talk with the customer.
 */
import type { Known } from './facts.ts'
import type { SourceSystem } from './kinds.ts'
import { DAY, earliest, largest, type Measurement, measured, within } from './measuring.ts'
import type { Signal } from './signal.ts'
import { inEightWeeks, lastWeeks } from './weeks.ts'

/** When anybody was last in touch, in milliseconds, and what says so. */
export interface LastActivity {
  at: number
  /** What was noted, without mails, which are told by the day. */
  facts: readonly Signal[]
  sources: SourceSystem[]
  observedAt: Date
}

/** The last time anybody was in touch: a sales activity, a meeting, a mail that was answered. Null when nobody has noted one. */
export const lastActivity = (known: Known): LastActivity | null => {
  const facts = [...known.facts('company'), ...known.facts('contact'), ...known.facts('meeting')].filter(
    ({ happenedAt }) => happenedAt !== null,
  )
  const noted =
    facts.length > 0 ? measured(largest(facts.map(({ happenedAt }) => happenedAt!.getTime())), facts) : null
  const mailed = lastAnswer(known)
  if (!noted || !mailed) {
    const only = noted ?? mailed
    return only && { at: only.value, facts, sources: only.sources, observedAt: only.observedAt }
  }
  return {
    at: Math.max(noted.value, mailed.value),
    facts,
    sources: [...new Set([...noted.sources, ...mailed.sources])].sort(),
    observedAt: noted.observedAt > mailed.observedAt ? noted.observedAt : mailed.observedAt,
  }
}

/** The beginning of the last day on which a mail of ours was answered. */
const lastAnswer = (known: Known): Measurement | null => {
  const answered = known.series('mails-answered').flatMap(({ system, days }) => {
    const last = days.findLast(({ amount }) => amount > 0)
    return last ? [{ system, at: Date.parse(last.day) }] : []
  })
  if (answered.length === 0) return null
  const at = largest(answered.map((one) => one.at))
  const sources = [...new Set(answered.map(({ system }) => system))].sort()
  return { value: at, sources, observedAt: new Date(at), changesAt: null }
}

/** A value that rests on the last activity. */
export const byActivity = (
  { sources, observedAt }: LastActivity,
  value: number,
  changesAt: Date | null,
): Measurement => ({ value, sources, observedAt, changesAt })

/** Whole and broken days since a moment. */
export const daysSince = (at: number, asOf: Date): number => (asOf.getTime() - at) / DAY

/** People with whom somebody was ever in touch, and those of them with whom it was in the last 90 days; null when there are none. */
export const activePeople = ({ facts, asOf }: Known): (Measurement & { people: number }) | null => {
  // People of whom no activity was ever noted may be silent, or nobody may have noted it.
  const people = facts('contact').filter(({ happenedAt }) => happenedAt !== null)
  if (people.length === 0) return null
  const { kept, changesAt } = within(people, ({ happenedAt }) => happenedAt, INTERACTION_DAYS, asOf)
  return { ...measured(kept.length, people, changesAt), people: people.length }
}

const INTERACTION_DAYS = 90

/** Kinds of facts of which each is one time that somebody was in touch, and that every customer may be expected to have. */
export const INTERACTIONS = ['contact', 'ticket', 'rfq', 'deal'] as const

/**
 * How often somebody was in touch in the last 90 days: people who were active, tickets and deals opened, prices asked for, meetings; and
 * mails that were answered, of the last eight whole weeks. Null when there is no such record at all: nobody may have noted any. An order
 * is none: who orders and talks to nobody is to be talked to.
 */
export const interactions = (known: Known): (Measurement & { facts: readonly Signal[] }) | null => {
  const { facts, asOf } = known
  const all = [...INTERACTIONS.flatMap((kind) => facts(kind)), ...facts('meeting')]
  const mails = lastWeeks(known, 'mails-answered')
  const answered = mails ? inEightWeeks(mails) : 0
  if (all.length === 0) return mails && { ...mails, value: answered, facts: [] }
  const { kept, changesAt } = within(all, ({ happenedAt }) => happenedAt, INTERACTION_DAYS, asOf)
  const noted = measured(kept.length + answered, all, changesAt)
  if (!mails) return { ...noted, facts: kept }
  return {
    value: noted.value,
    sources: [...new Set([...noted.sources, ...mails.sources])].sort(),
    observedAt: noted.observedAt > mails.observedAt ? noted.observedAt : mails.observedAt,
    changesAt: earliest([changesAt, mails.changesAt]),
    facts: kept,
  }
}
