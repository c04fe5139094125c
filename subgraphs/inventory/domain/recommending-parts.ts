/** What could be recommended about parts and suppliers by themselves, with every number explained. */
import {
  fastest,
  HOLDING,
  LOOK_BACK_DAYS,
  ORDER_COST,
  type PartFacts,
  risksFor,
  shortageChance,
  stockAdviceFor,
} from './part-advice.ts'

import { type Candidate, candidate, number, rounded, SAYING } from './recommendations.ts'
import { BELIEVED_ON_TIME, LATE_BY } from './stock-levels.ts'
import { lateSuppliers, RISK_RULES, type SupplyRiskRow } from './supply-risks.ts'

/** A part as it is looked at by itself. */
export interface KnownPart {
  id: string
  connectionId: string
  partNumber: string
  manufacturer: string
  facts: PartFacts
}

const SERVICE_LEVEL = 0.95
const CERTAIN = 100

/** What could be recommended for a part: when to order it again, and warnings. Of parts that nobody buys, nothing. */
export const forPart = (part: KnownPart): Candidate[] =>
  part.facts.orders.length === 0 ? [] : [stockLevelOf(part), ...warningsOf(part)]

const about = ({ id, connectionId, partNumber, manufacturer }: KnownPart) => ({
  ...{ connectionId, componentId: id, partNumber, manufacturer },
})

const stockLevelOf = (part: KnownPart): Candidate => {
  const { facts, id } = part
  const source = fastest(facts)
  const { orders, averageCost } = facts
  const inputs = {
    orders,
    cost: averageCost ?? source?.unitCost,
    wait: source?.leadTimeDays,
    onTime: source?.onTime,
    minimumQuantity: source?.minimumQuantity,
  }
  return candidate({ ...about(part), kind: 'STOCK_LEVEL', subject: `STOCK_LEVEL ${id}` }, inputs, () => {
    const advice = stockAdviceFor(facts, SERVICE_LEVEL)
    if (!advice || !source) return null
    const { reorderPoint, orderQuantity, confidence, reasoning, demandPerDay } = advice
    const pieces = orders.reduce((sum, each) => sum + each, 0)
    return {
      ...{ ...SAYING, reorderPoint, orderQuantity, serviceLevel: SERVICE_LEVEL, confidence, reasoning },
      evidence: [
        number('orders', orders.length, null, `How often it was sold in ${LOOK_BACK_DAYS} days.`),
        number('sold', pieces, 'pieces', `How many were sold in ${LOOK_BACK_DAYS} days.`),
        number(
          'largest order',
          Math.max(...orders),
          'pieces',
          'The largest of them: one order alone may empty the shelf.',
        ),
        number('demand', rounded(demandPerDay, 2), 'pieces a day', 'How many are sold a day.'),
        number(
          'lead time',
          source.leadTimeDays,
          'days',
          'How long the fastest supplier takes that we may buy from.',
        ),
        number(
          'on time',
          source.onTime === null ? 'unknown' : rounded(source.onTime * 100, 0),
          '%',
          `How many of a hundred of its deliveries come when promised; where nobody knows, ${BELIEVED_ON_TIME * 100} are believed to.`,
        ),
        number(
          'late by',
          rounded((LATE_BY - 1) * 100, 0),
          '%',
          'How much longer the others are assumed to take.',
        ),
        number(
          'service level',
          rounded(SERVICE_LEVEL * 100, 0),
          '%',
          'In how many of a hundred waits for a delivery nobody is to be turned away.',
        ),
        number('cost', averageCost ?? source.unitCost, null, 'What one costs us: holding many binds money.'),
        number(
          'order cost',
          ORDER_COST,
          null,
          'What placing an order is assumed to cost, in the currency of the cost.',
        ),
        number(
          'holding',
          rounded(HOLDING * 100, 0),
          '% a year',
          'What keeping a piece is assumed to cost, of what it costs itself.',
        ),
        number('least order', source.minimumQuantity, 'pieces', 'How many that supplier sells at least.'),
      ],
    }
  })
}

const warningsOf = (part: KnownPart): Candidate[] =>
  risksFor(part.facts)
    .filter(({ kind }) => kind !== 'LATE_SUPPLIER')
    .map((risk) => {
      // Whom to buy the last ones from.
      const c3SupplierId =
        risk.supplierId ?? (risk.kind === 'END_OF_LIFE' ? (fastest(part.facts)?.supplierId ?? null) : null)
      const subject = `SUPPLY_RISK ${part.id} ${risk.kind}`
      return warning({ ...about(part), subject, c3SupplierId }, risk, part.facts)
    })

const warning = (
  named: Omit<Parameters<typeof candidate>[0], 'kind'>,
  risk: SupplyRiskRow,
  facts: PartFacts,
): Candidate => {
  const { kind, severity, reason, coverageDays } = risk
  const source = fastest(facts)
  const { lifecycle } = facts
  // A shortage that is as bad as it was is the same warning, though the days that are left change daily.
  const inputs = { kind, severity, lifecycle, supplier: named.c3SupplierId, wait: source?.leadTimeDays }
  const sold = facts.orders.reduce((sum, each) => sum + each, 0)
  return candidate({ ...named, kind: 'SUPPLY_RISK' }, inputs, () => ({
    ...{ ...SAYING, risk: kind, severity, reasoning: reason },
    // Of a shortage, the chance that it comes to pass. All else is as C3 says, and no estimate.
    confidence: kind === 'SHORTAGE' ? Math.round(100 * shortageChance(facts)) : CERTAIN,
    evidence: [
      number('free', facts.free, 'pieces', 'How many could be promised when this was found.'),
      number('demand', rounded(sold / LOOK_BACK_DAYS, 2), 'pieces a day', 'How many are sold a day.'),
      ...(coverageDays === null
        ? []
        : [number('coverage', coverageDays, 'days', 'For how long they last at that.')]),
      ...(source
        ? [
            number(
              'lead time',
              source.leadTimeDays,
              'days',
              'How long the fastest supplier takes that we may buy from.',
            ),
          ]
        : []),
      number(
        'sources',
        facts.sources.filter(({ isApproved }) => isApproved).length,
        null,
        'How many suppliers offer it that we may buy from.',
      ),
      number('lifecycle', lifecycle ?? 'unknown', null, 'Where its maker says that it is in its life.'),
    ],
  }))
}

/** A supplier as it is looked at by itself. */
export interface KnownSupplier {
  id: string
  connectionId: string
  c3SupplierId: string
  leadTimeDays: number
  onTime: number | null
  isApproved: boolean
}

/** What could be recommended about a supplier: a warning that it is late. */
export const forSupplier = (supplier: KnownSupplier): Candidate[] => {
  const { connectionId, c3SupplierId, leadTimeDays, onTime, isApproved } = supplier
  const late = isApproved
    ? lateSuppliers([{ supplierId: c3SupplierId, leadTimeDays, onTime, isApproved }], RISK_RULES)
    : []
  return late.map(({ kind, severity, reason }) =>
    candidate(
      { kind: 'SUPPLY_RISK', connectionId, subject: `SUPPLY_RISK ${supplier.id} ${kind}`, c3SupplierId },
      { kind, severity, onTime },
      () => ({
        ...{ ...SAYING, risk: kind, severity, reasoning: reason, confidence: CERTAIN },
        evidence: [
          number(
            'on time',
            rounded((onTime ?? 0) * 100, 0),
            '%',
            'How many of a hundred of its deliveries come when promised.',
          ),
          number(
            'least',
            rounded(RISK_RULES.leastOnTime * 100, 0),
            '%',
            'Below so many a supplier counts as late.',
          ),
          number('lead time', leadTimeDays, 'days', 'How long a delivery takes as it promises.'),
        ],
      }),
    ),
  )
}
