/** What could be recommended for the lines of requests, with every number explained. */
import Big from 'big.js'
import { type Alternative, alternativesFor, type Candidate as Part } from './alternatives.ts'
import { type Asked, type Decided, priceBasisOf, priceFrom } from './part-advice.ts'
import { type Advice, type Candidate, candidate, number, rounded, SAYING } from './recommendations.ts'

/** A line of a request that waits for a price, with what is known of the part it means. */
export interface OpenLine {
  rfqId: string
  c3RfqId: string
  connectionId: string
  accountId: string
  line: number
  /** As the customer wrote it. */
  asked: string
  quantity: number
  currency: string
  part: Part & { currency: string | null }
  daysOnShelf: number
  /** Parts that may stand in. */
  relatives: readonly (Part & { currency: string | null })[]
  /** Quotes of the part's category that were decided. */
  decided: readonly Decided[]
}

const aboutLine = ({ rfqId, c3RfqId, connectionId, line, asked, part }: OpenLine) => ({
  ...{ rfqId, c3RfqId, connectionId, line },
  componentId: part.id,
  partNumber: asked,
  manufacturer: part.manufacturer,
})

/** What could be recommended for a line: a price, and parts that can stand in. */
export const forLine = (open: OpenLine, now: Date): Candidate[] => [
  ...priceOf(open, now),
  ...standInsFor(open),
]

const priceOf = (open: OpenLine, now: Date): Candidate[] => {
  const { part, currency, quantity, daysOnShelf, accountId, decided, rfqId, line } = open
  const asked: Asked = { componentId: part.id, family: part.family, accountId, quantity, daysOnShelf }
  const basis = priceBasisOf(asked, part, currency, decided, now)
  if (!basis) return []
  const { cost, discount, quotes } = basis
  const subject = `PRICING ${rfqId} ${line}`
  const inputs = { cost, currency, quantity, discount, quotes }
  return [
    candidate({ ...aboutLine(open), kind: 'PRICING', subject }, inputs, () => {
      const advice = priceFrom(basis)
      if (!advice) return null
      const percent = rounded((advice.markup - 1) * 100, 0)
      const { evidence, won, winChance, price, lowPrice, highPrice } = advice
      return {
        ...{ ...SAYING, currency, amount: price, low: lowPrice, high: highPrice },
        confidence: advice.confidence,
        reasoning: `${advice.quotes} past quotes of this part and its relatives, ${won} of them taken, earn most at ${percent} % over cost.`,
        evidence: [
          number('cost', cost, currency, 'What one costs us, on average over what lies there.'),
          number(
            'quantity',
            quantity,
            'pieces',
            'How many are asked for: quotes of like quantities count most.',
          ),
          number(
            'quotes',
            advice.quotes,
            null,
            'Decided quotes of this part, its family and its category that were looked at.',
          ),
          number('won', won, null, 'How many of them the customer took.'),
          number(
            'evidence',
            rounded(evidence, 1),
            null,
            'How many quotes of this very part, to this customer and from this month, each as telling as can be, all of them come to.',
          ),
          number(
            'days on shelf',
            rounded(daysOnShelf, 0),
            'days',
            'How long what lies there has lain, on average.',
          ),
          number(
            'discount',
            rounded(discount * 100, 0),
            '%',
            'How much less than its cost a piece is worth to us for having lain so long.',
          ),
          number('markup', rounded(advice.markup, 4), null, 'Price over cost at which most is to be earned.'),
          number('low', rounded(advice.low, 4), null, 'The best markup is above this in 97.5 of 100 cases.'),
          number(
            'high',
            rounded(advice.high, 4),
            null,
            'The best markup is below this in 97.5 of 100 cases.',
          ),
          number(
            'win chance',
            rounded(winChance * 100, 0),
            '%',
            'How probable it is that the customer takes this price.',
          ),
        ],
      }
    }),
  ]
}

/** More than that nobody reads. */
const MOST_STAND_INS = 2

const standInsFor = (open: OpenLine): Candidate[] => {
  const { part, quantity, currency, relatives, rfqId, line } = open
  const isThere = part.free >= quantity
  const own = relatives.filter((each) => each.currency === part.currency)
  const names = new Map(own.map((each) => [each.id, each]))
  return alternativesFor(part, own, quantity)
    .filter(
      ({ isAvailable, saving }) => isAvailable && saving !== null && (!isThere || new Big(saving).gt(0)),
    )
    .slice(0, MOST_STAND_INS)
    .map((found) => {
      const { id, partNumber, manufacturer, unitCost } = names.get(found.candidate.id)!
      const { differences, saving, fit } = found
      const inputs = { cost: part.unitCost, unitCost, differences, isThere, fit }
      return candidate(
        {
          ...{ ...aboutLine(open), kind: 'ALTERNATIVE', subject: `ALTERNATIVE ${rfqId} ${line} ${id}` },
          ...{ alternativeId: id, alternativePartNumber: partNumber, alternativeManufacturer: manufacturer },
        },
        inputs,
        () => ({
          ...{ ...SAYING, amount: saving, currency: part.currency ?? currency, confidence: fit },
          ...whyInstead(open, found, isThere),
        }),
      )
    })
}

/** What another part costs beside one of this cost, in words. */
const costBeside = (cost: string, saving: string): string => {
  const isCheaper = new Big(saving).gte(0)
  // Of what costs nothing, nothing is a share.
  if (new Big(cost).eq(0)) return isCheaper ? 'costs as little' : 'costs something'
  const percent = new Big(saving).abs().div(cost).times(100).toFixed(0)
  return isCheaper ? `${percent} % cost reduction` : `costs ${percent} % more`
}

const whyInstead = (
  { part, quantity }: OpenLine,
  { candidate: other, differences, saving, fit }: Alternative,
  isThere: boolean,
): Pick<Advice, 'reasoning' | 'evidence'> => {
  const said = [
    ...(isThere ? [] : ['better availability']),
    costBeside(part.unitCost ?? '0', saving ?? '0'),
    differences.length === 0
      ? 'no difference that matters'
      : `differs in ${differences.map(({ name }) => name).join(', ')}, all for the better`,
  ].join(', ')
  return {
    reasoning: `${said.charAt(0).toUpperCase()}${said.slice(1)}.`,
    evidence: [
      number('needed', quantity, 'pieces', 'How many are asked for.'),
      number(
        'free of this part',
        part.free,
        'pieces',
        'How many of the part that was asked for could be promised when this was found.',
      ),
      number('free of the other', other.free, 'pieces', 'How many of the other part could be promised then.'),
      number(
        'cost of this part',
        part.unitCost ?? '',
        null,
        'What one of the part that was asked for costs us.',
      ),
      number('cost of the other', other.unitCost ?? '', null, 'What one of the other part costs us.'),
      number(
        'fit',
        fit,
        null,
        'How well it does in its place, from 0 to 100: ten less for each difference that is felt.',
      ),
      ...differences.map(({ name, asked, offered }) =>
        number(
          name,
          `${asked ?? 'nothing'} → ${offered ?? 'nothing'}`,
          null,
          'What the part asked for has, and what the other has: as good, or better.',
        ),
      ),
    ],
  }
}
