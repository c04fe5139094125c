/**
 * insight   something that a detector noticed about a customer, and what people decided on it
 * episode   from the time a detector notices something until that has ended: of one customer and detector only the newest can be open
 * rest      days in which a detector stays quiet about a customer after somebody has decided, or nobody has in time
 *
 * What was raised stays until it falls a tenth short of its bounds, so that a value that jitters at a bound raises it once. What was
 * dismissed as wrong or as of no matter has to go beyond its bounds by a quarter more for each time it was, until that is forgotten.
 */
import { confidenceOf, freshUntil } from './confidence.ts'
import type { Course } from './course.ts'
import { type Condition, IMPACTS, type Impact, type InsightType, judge, type Sight } from './detecting.ts'
import type { DetectorSettings } from './detector-settings.ts'
import { type DetectorName, detectorNames, detectors } from './detectors.ts'
import type { Known } from './facts.ts'
import type { Values } from './findings.ts'
import type { Health } from './health.ts'
import { DAY, earliest } from './measuring.ts'
import { type Revenue, yearlyRevenue } from './revenue.ts'
import { isSame } from './same.ts'
import type { Settings } from './settings.ts'
import type { Signal } from './signal.ts'
import { type DetectorTrust, type TrustModel, trusted } from './trust.ts'

export type InsightState = 'NEW' | 'ACCEPTED' | 'DISMISSED' | 'DONE' | 'EXPIRED'
export type DismissalReason = 'WRONG' | 'ALREADY_KNOWN' | 'NOT_NOW' | 'NOT_RELEVANT'
export type InsightOutcome = 'POSITIVE' | 'NEUTRAL' | 'WRONG'

export interface InsightMeasure {
  name: string
  value: string
  unit: string
  bound: string | null
}

export interface InsightFact {
  system: string
  kind: string
  recordId: string
  value: string | null
  unit: string | null
  /** ISO text. */
  at: string | null
}

/** What a detector says of a customer now. */
export interface Said {
  methodVersion: number
  confidence: number
  impact: Impact
  /** US dollars a year, as a decimal. Null: not known. */
  valueAtStake: string | null
  sentence: string
  measures: readonly InsightMeasure[]
  evidence: readonly InsightFact[]
}

/** An insight about a customer, without whose it is. */
export interface Insight extends Said {
  detector: string
  type: InsightType
  episode: number
  state: InsightState
  version: number
  /** Whether it has become something to do, and whether a person has to. */
  isRecommended: boolean
  needsPerson: boolean
  dismissals: number
  dismissedAt: Date | null
  dismissedFor: DismissalReason | null
  outcome: InsightOutcome | null
  raisedAt: Date
  /** Null when something else decides how long it holds. */
  validUntil: Date | null
  decidedAt: Date | null
  asOf: Date
}

/** The newest insight of each detector. */
export interface InsightsMemory {
  newest: readonly Insight[]
  asOf: Date
}

export interface Insights {
  /** The newest of each detector; what has not moved is the very object that was remembered. */
  newest: readonly Insight[]
  asOf: Date
  dueAt: Date | null
}

const STAYS = -0.1
const MORE_PER_DISMISSAL = 0.25
const MOST_MORE = 0.75
const MOST_FACTS = 5

/** Dismissals that say that the detector was mistaken about this customer. */
export const teaches = (reason: DismissalReason): boolean => reason === 'WRONG' || reason === 'NOT_RELEVANT'

/** Looks at a customer with every detector that is switched on. */
export const notice = (
  known: Known,
  {
    settings,
    health,
    found,
    trust,
  }: { settings: Settings; health: Health & Course; found: Values; trust?: TrustModel | undefined },
  memory: InsightsMemory | undefined,
): Insights => {
  const revenue = yearlyRevenue(known)
  const seen = { known, health, found, revenue }
  const dates: (Date | null)[] = []
  const newest: Insight[] = []
  for (const name of detectorNames) {
    const { isOn, thresholds } = settings.detectors.detectors[name]
    const last = memory?.newest.find(({ detector }) => detector === name)
    const sight = isOn ? detectors[name].look(seen, thresholds) : null
    const { insight, dueAt } = follow(
      { name, known, revenue, settings, trust: trust?.detectors[name] },
      sight,
      last,
    )
    dates.push(...dueAt)
    if (insight) newest.push(insight)
  }
  return { newest, asOf: known.asOf, dueAt: earliest(dates) }
}

interface Around {
  name: DetectorName
  known: Known
  revenue: Revenue | null
  settings: Settings
  /** What people decided on what this detector noticed; undefined while nobody has. */
  trust: DetectorTrust | undefined
}

const follow = (
  around: Around,
  sight: Sight | null,
  last: Insight | undefined,
): { insight: Insight | undefined; dueAt: (Date | null)[] } => {
  const { asOf } = around.known
  const rules = around.settings.detectors
  // Somebody means to do something about it: it stays as it was decided on, until they say that it is done.
  if (last?.state === 'ACCEPTED') return { insight: last, dueAt: [] }
  if (last?.state === 'NEW') {
    const so = sight && judge(sight.conditions, STAYS)
    const isOver = last.validUntil !== null && asOf >= last.validUntil
    if (!sight || !so?.isSo || isOver) {
      const ended = { ...last, state: 'EXPIRED', version: last.version + 1, decidedAt: asOf, asOf } as const
      // What ended by itself may begin again at once; what nobody cared for rests.
      return { insight: ended, dueAt: isOver ? [restUntil(ended, rules)] : laterOf(sight, 0) }
    }
    const insight = updated(last, say(around, sight), around)
    return { insight, dueAt: [...so.changesAt, ...ages(around, sight), last.validUntil] }
  }
  const rested = last ? restUntil(last, rules) : null
  if (rested && asOf < rested) return { insight: last, dueAt: [rested] }
  const more = leewayOf(last, rules, asOf)
  const so = sight && judge(sight.conditions, more.leeway)
  if (!sight || !so?.isSo) return { insight: last, dueAt: [...(so?.changesAt ?? []), more.until] }
  const insight = raised(around, say(around, sight), last, more.leeway > 0)
  return { insight, dueAt: [...laterOf(sight, STAYS), ...ages(around, sight), insight.validUntil] }
}

const laterOf = (sight: Sight | null, leeway: number): (Date | null)[] =>
  sight ? judge(sight.conditions, leeway).changesAt : []

/** Until when a detector stays quiet about a customer. Null: it does not. */
const restUntil = (last: Insight, { restDays }: DetectorSettings): Date | null => {
  const { state, decidedAt, validUntil } = last
  const endedByItself = state === 'EXPIRED' && validUntil !== null && decidedAt! < validUntil
  return decidedAt === null || endedByItself ? null : new Date(decidedAt.getTime() + restDays * DAY)
}

/** How much more a detector has to see of a customer, and until when. */
export const leewayOf = (
  last: Pick<Insight, 'dismissals' | 'dismissedAt'> | undefined,
  { forgetDays }: Pick<DetectorSettings, 'forgetDays'>,
  asOf: Date,
): { leeway: number; until: Date | null } => {
  if (!last?.dismissedAt) return { leeway: 0, until: null }
  const until = new Date(last.dismissedAt.getTime() + forgetDays * DAY)
  if (asOf >= until) return { leeway: 0, until: null }
  return { leeway: Math.min(MOST_MORE, MORE_PER_DISMISSAL * last.dismissals), until }
}

const raised = (
  { name, known: { asOf }, settings }: Around,
  said: Said,
  last: Insight | undefined,
  remembersDismissals: boolean,
): Insight => {
  const isAsked = asks(settings, detectors[name].type, said)
  return {
    ...said,
    ...{ detector: name, type: detectors[name].type, episode: (last?.episode ?? 0) + 1 },
    ...{ state: 'NEW', version: 1, isRecommended: isAsked, needsPerson: isAsked },
    dismissals: remembersDismissals ? last!.dismissals : 0,
    dismissedAt: remembersDismissals ? last!.dismissedAt : null,
    ...{ dismissedFor: null, outcome: null, decidedAt: null, raisedAt: asOf, asOf },
    validUntil: new Date(asOf.getTime() + settings.detectors.validDays * DAY),
  }
}

/** The insight as its facts say now: the very same when they say the same. */
const updated = (last: Insight, said: Said, { known: { asOf }, settings }: Around): Insight => {
  const isAsked = asks(settings, last.type, said)
  const [isRecommended, needsPerson] = [last.isRecommended || isAsked, last.needsPerson || isAsked]
  const is = { ...said, isRecommended, needsPerson }
  const was = last as unknown as Readonly<Record<string, unknown>>
  return Object.entries(is).every(([name, value]) => isSame(was[name], value))
    ? last
    : { ...last, ...is, asOf }
}

/** Whether the organisation's rules make it something to do. */
const asks = ({ rules }: Settings, type: InsightType, { impact, confidence }: Said): boolean =>
  rules.some(
    (rule) =>
      (rule.type === null || rule.type === type) &&
      IMPACTS.indexOf(impact) >= IMPACTS.indexOf(rule.impact) &&
      confidence >= rule.minConfidence,
  )

const say = ({ name, known, revenue, settings, trust }: Around, sight: Sight): Said => {
  const { version, impact, reads } = detectors[name]
  const coverage = reads.filter((kind) => known.facts(kind).length > 0).length / reads.length
  const weighed = sight.conditions.map(({ found }) => ({ weight: 1, found }))
  const { ceilings } = settings.health
  const byFacts = Math.min(confidenceOf(weighed, coverage, ceilings, known.asOf), sight.atMost ?? 100)
  const systems = new Set(weighed.flatMap(({ found }) => found.sources)).size
  const atStake = sight.worth === undefined ? (revenue?.value ?? null) : sight.worth
  return {
    methodVersion: version,
    confidence: Math.round(trusted(byFacts, trust, systems, ceilings)),
    impact: atStake === null ? impact : impactOf(atStake, settings.detectors),
    valueAtStake: atStake === null ? null : Math.min(Math.max(atStake, 0), MOST_AT_STAKE).toFixed(2),
    sentence: sight.say(),
    measures: sight.conditions.map(measureOf),
    evidence: newestFacts(sight.facts).map(factOf),
  }
}

/** Beyond it a number is a slip of somebody's pen. */
const MOST_AT_STAKE = 1e12

const impactOf = (atStake: number, { impact: [medium, high, critical] }: DetectorSettings): Impact =>
  atStake >= critical ? 'CRITICAL' : atStake >= high ? 'HIGH' : atStake >= medium ? 'MEDIUM' : 'LOW'

/** When what an insight says changes by time alone: its facts become old, and what is at stake another. */
const ages = ({ known, revenue }: Around, { conditions, worth }: Sight): (Date | null)[] => [
  ...conditions.map(({ found }) => freshUntil(found.observedAt, known.asOf)),
  worth === undefined ? (revenue?.changesAt ?? null) : null,
]

const rounded = (value: number): string => `${Math.round(value * 10_000) / 10_000}`

const measureOf = ({ name, unit, bound, found, shown }: Condition): InsightMeasure =>
  shown === undefined
    ? { name, value: rounded(found.value), unit, bound: rounded(bound) }
    : { name, value: shown, unit, bound: null }

const timeOf = ({ endedAt, happenedAt, observedAt }: Signal): number =>
  (endedAt ?? happenedAt ?? observedAt).getTime()

const nameOf = ({ system, kind, recordId }: Signal): string => `${system} ${kind} ${recordId}`

/** The newest, each once, and the same ones whatever order they came in. */
const newestFacts = (facts: readonly Signal[]): Signal[] =>
  [...new Map(facts.map((fact) => [nameOf(fact), fact])).values()]
    .sort((a, b) => timeOf(b) - timeOf(a) || (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, MOST_FACTS)

const factOf = ({
  system,
  kind,
  recordId,
  amount,
  unit,
  label,
  happenedAt,
  endedAt,
}: Signal): InsightFact => ({
  ...{ system, kind, recordId },
  value: label ?? (amount === null ? null : rounded(amount)),
  unit: label === null ? unit : null,
  at: (endedAt ?? happenedAt)?.toISOString() ?? null,
})
