/**
 * The past of a customer, told from facts that say when something happened: what was opened later was not there, and what was closed later
 * was open. What a record says without a date cannot be told: such facts are left out. Three things are taken as they are now, for nothing
 * says what they were: a ticket's priority, whether a request was won, and whether a deal renews a contract.
 */
import { type FactorName, factors, factorsOf, type Strengths, strengthsOf } from './churn-factors.ts'
import type { Case } from './churn-model.ts'
import { knownAt } from './facts.ts'
import type { SignalKind } from './kinds.ts'
import { closedAt, HORIZON_DAYS, standingOf } from './leaving.ts'
import { DAY } from './measuring.ts'
import type { Series, Signal } from './signal.ts'

/** Kinds of which the past can be told. */
const DATED: readonly SignalKind[] = ['rfq', 'order', 'deal', 'ticket', 'account-status']

/** The facts as they stood at a moment. */
export const factsThen = (signals: readonly Signal[], then: Date): Signal[] => {
  // An account was there once its billing had begun.
  const opened = new Map(
    signals.flatMap(({ kind, recordId, happenedAt }) => (kind === 'billing' ? [[recordId, happenedAt]] : [])),
  )
  return signals.flatMap((signal) => {
    if (!DATED.includes(signal.kind)) return []
    const beganAt = signal.kind === 'account-status' ? opened.get(signal.recordId) : signal.happenedAt
    if (beganAt && beganAt > then) return []
    if (signal.kind === 'account-status')
      return [
        signal.label === 'CHURNED' && closedAt(signal) > then
          ? { ...signal, label: 'ACTIVE', endedAt: null }
          : signal,
      ]
    if (signal.endedAt === null || signal.endedAt <= then) return [signal]
    return [{ ...signal, endedAt: null, label: signal.kind === 'deal' ? 'open' : signal.label }]
  })
}

const isDated = (name: FactorName): boolean => factors[name].isDated

/**
 * A customer at a moment of the past, and whether it left within the horizon after it.
 * @returns null when it was not a customer then, or had left
 */
export const caseThen = (signals: readonly Signal[], series: readonly Series[], then: Date): Case | null => {
  const known = knownAt(factsThen(signals, then), then, series)
  const standing = standingOf(known)
  if (!standing || standing.leftAt !== null) return null
  const strengths: Strengths = strengthsOf(factorsOf(known).filter(({ name }) => isDated(name)))
  return { strengths, left: leftBetween(signals, then) }
}

/** Whether a customer that stayed then had left a horizon later. */
export const leftBetween = (signals: readonly Signal[], then: Date): boolean => {
  const later = new Date(then.getTime() + HORIZON_DAYS * DAY)
  const after = standingOf(knownAt(factsThen(signals, later), later))
  return after !== null && after.leftAt !== null
}
