/**
 * Which requests for prices belong to which deals.
 *
 * mention  a request's number or C3 id that stands in a deal's record
 * link     that a request belongs to a deal: because it is mentioned, because somebody has said so, or because nothing else fits
 */
import Big from 'big.js'

export type RfqStatus = 'OPEN' | 'QUOTED' | 'WON' | 'LOST' | 'EXPIRED'

export type MentionKind = 'NUMBER' | 'C3_ID'
export interface Mention {
  kind: MentionKind
  /** In capitals: people write them as they like. */
  name: string
}

/** The hub fields of deals in which requests are mentioned. */
export const MENTION_FIELDS: Readonly<Record<MentionKind, 'rfqNumber' | 'c3RfqId'>> = {
  NUMBER: 'rfqNumber',
  C3_ID: 'c3RfqId',
}

const MOST = 50
// A number or an id, and not somebody's remark.
const NAME = /^(?=.*\d)[\w.\-/#: ]{1,50}$/

/** What is mentioned in a text, each once. */
export const mentionsIn = (kind: MentionKind, text: string | null): Mention[] => {
  const names = (text ?? '').split(/[,;\n]/).map((each) => each.trim().toUpperCase())
  return [...new Set(names)]
    .filter((name) => NAME.test(name))
    .slice(0, MOST)
    .map((name) => ({ kind, name }))
}

/** Where mentions are read from, by the properties that the field is mapped to: of another place, what is missing was not taken away. */
export const sourceOf = ({ properties }: { properties: readonly string[] }): string => properties.join(' ')

export const mentionKey = ({ kind, name }: Mention): string => `${kind} ${name}`

/** A request as far as deals tell of it. */
export interface LinkedRfq {
  number: string | null
  c3RfqId: string | null
  status: RfqStatus
  total: string | null
  currency: string | null
}

/** What a deal's record is to say of requests, by hub field or property. */
export interface RfqFields {
  mentions: Readonly<Record<MentionKind, string | null>>
  properties: Readonly<Record<'c3_rfq_status' | 'c3_rfq_value' | 'c3_rfq_currency', string | null>>
}

/**
 * What a deal is to say of its requests.
 * @param rfqs newest first
 * @param unknown what is mentioned in its record and no request goes by, as far as the hub knows: it stays there
 */
export const fieldsOfRfqs = (rfqs: readonly LinkedRfq[], unknown: readonly Mention[]): RfqFields => {
  const said = (kind: MentionKind, names: readonly (string | null)[]): string | null => {
    const others = unknown.filter((each) => each.kind === kind).map(({ name }) => name)
    return [...names.filter((name) => name !== null), ...others].slice(0, MOST).join(', ') || null
  }
  const priced = rfqs.filter(({ total }) => total !== null)
  const [currency, ...more] = new Set(priced.map((each) => each.currency))
  const isOne = currency && more.length === 0
  return {
    mentions: {
      NUMBER: said(
        'NUMBER',
        rfqs.map(({ number }) => number),
      ),
      C3_ID: said(
        'C3_ID',
        rfqs.map(({ c3RfqId }) => c3RfqId),
      ),
    },
    properties: {
      c3_rfq_status: rfqs[0]?.status.toLowerCase() ?? null,
      c3_rfq_value: isOne
        ? priced.reduce((sum, { total }) => sum.plus(total ?? 0), new Big(0)).toFixed()
        : null,
      c3_rfq_currency: isOne ? currency : null,
    },
  }
}
