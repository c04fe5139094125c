/**
 * What insights says of a customer beyond its health, as HubSpot's companies are to say it.
 *
 * field  what insights says of one thing, true for a moment; the newest word about it holds
 */
import type { ProfileFields } from '#schema/events.ts'

export type InsightField = keyof ProfileFields
type Said<F extends InsightField> = NonNullable<ProfileFields[F]>

/** A field as it was last told. */
export interface HeldField {
  customerId: string
  field: InsightField
  value: unknown
  confidence: string
  asOf: Date
}

/** Says it for a portal. Left out (undefined) is what cannot be said at all: the company goes on saying what it said. */
export type SaidAt = (portal: { currency: string | null }) => string | null | undefined

/** HubSpot's properties of text hold so much. */
const LONGEST = 65_536
/** A number is given to a hundredth by HubSpot's pages, and exactly by its API up to about here. */
const MOST_DIGITS = 15

const NUMBER = /^-?\d+(\.\d+)?$/

/** What goes beyond a scale by rounding belongs to its end. */
const score = (value: string): string | undefined => {
  if (!NUMBER.test(value)) return undefined
  const n = Number(value)
  return n > 100 ? '100' : n < 0 ? '0' : value
}

const amount = (value: string): string | undefined =>
  NUMBER.test(value) && value.replace(/^-/, '').split('.')[0]!.length <= MOST_DIGITS ? value : undefined

const cut = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`)

/** As many as there is room for, from the first. */
const asMany = <T>(items: readonly T[], write: (some: readonly T[]) => string): string => {
  let [fits, over] = [0, items.length + 1]
  while (over - fits > 1) {
    const middle = (fits + over) >> 1
    if (write(items.slice(0, middle)).length <= LONGEST) fits = middle
    else over = middle
  }
  return write(items.slice(0, fits))
}

const parted = (items: readonly string[], by: string, without: RegExp): string | null => {
  const clean = items.map((item) => item.replace(without, ' ').replace(/\s+/g, ' ').trim()).filter(Boolean)
  return clean.length === 0 ? null : asMany(clean, (some) => some.join(by))
}

/** The database keeps no order of keys, and the text must be the same whenever it is written. */
const inOrder = ({
  recommendationId,
  action,
  priority,
  dueAt,
}: NonNullable<Said<'recommendedActions'>['value']>[number]) => ({
  recommendationId,
  action,
  priority,
  dueAt,
})

type Writer<F extends InsightField> = {
  property: string
  say(value: NonNullable<Said<F>['value']>): string | null | undefined | SaidAt
}

const WRITERS: { readonly [F in InsightField]-?: Writer<F> } = {
  churnRisk: { property: 'ai_risk_score', say: score },
  lifetimeValue: {
    property: 'predicted_ltv',
    // A company's amounts are in its portal's currency: in another one it would be another amount.
    say: (value) => (portal) => ((portal.currency ?? 'USD') === value.currency ? amount(value.amount) : null),
  },
  nextOrderOn: { property: 'next_order_prediction', say: (day) => day },
  recommendedActions: {
    property: 'recommended_actions',
    say: (actions) =>
      actions.length === 0 ? null : asMany(actions, (some) => JSON.stringify(some.map(inOrder))),
  },
  summary: { property: 'oppspot_summary', say: (text) => (text.trim() === '' ? null : cut(text.trim())) },
  score: { property: 'oppspot_score', say: score },
  financialScore: { property: 'oppspot_score_financial', say: score },
  growthScore: { property: 'oppspot_score_growth', say: score },
  engagementScore: { property: 'oppspot_score_engagement', say: score },
  fitScore: { property: 'oppspot_score_fit', say: score },
  // A comma parts them: none of them may have one.
  signals: { property: 'oppspot_signals', say: (signals) => parted(signals, ',', /,/g) },
  nextActions: { property: 'oppspot_next_actions', say: (actions) => parted(actions, '\n', /\n/g) },
  dealStage: { property: 'oppspot_deal_stage', say: (stage) => stage.trim() || null },
}

/** The fields that are news: told of a later moment than what is held, or of the same one. @param held by `keyOf` */
export const newsIn = (
  held: ReadonlyMap<string, HeldField>,
  told: readonly { customerId: string; fields: ProfileFields }[],
): Map<string, HeldField> => {
  const news = new Map<string, HeldField>()
  for (const { customerId, fields } of told)
    for (const [name, said] of Object.entries(fields)) {
      if (!said) continue
      const one = { customerId, field: name as InsightField, ...said, asOf: new Date(said.asOf) }
      const known = news.get(keyOf(one)) ?? held.get(keyOf(one))
      if (!known || known.asOf <= one.asOf) news.set(keyOf(one), one)
    }
  return news
}

export const keyOf = ({ customerId, field }: Pick<HeldField, 'customerId' | 'field'>): string =>
  `${customerId} ${field}`

/** Everything that companies can be told by these fields: what nothing is held of says nothing. @param held of one customer */
export const allProperties = (
  held: readonly Pick<HeldField, 'field' | 'value'>[],
): Record<string, SaidAt> => {
  const nothing = Object.keys(WRITERS).map((field) =>
    propertyOf({ field: field as InsightField, value: null }),
  )
  return Object.fromEntries([...nothing, ...held.map(propertyOf)])
}

/** What companies are to say of a field, by the property that they have for it. */
export const propertyOf = ({ field, value }: Pick<HeldField, 'field' | 'value'>): [string, SaidAt] => {
  const { property, say } = WRITERS[field] as Writer<'summary'>
  const said = value === null ? null : say(value as string)
  return [property, typeof said === 'function' ? said : () => said]
}
