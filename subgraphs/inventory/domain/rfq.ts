/** Where a request for prices stands, in our words. */
export const rfqStatuses = ['OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED'] as const
export type RfqStatus = (typeof rfqStatuses)[number]

/** C3's words: `RfqStatus` of connectors/c3/openapi.yaml. */
const inC3 = { OPEN: 'NEW', QUOTED: 'QUOTED', WON: 'ORDERED', LOST: 'LOST', EXPIRED: 'LAPSED' } as const

const fromC3: Readonly<Record<string, RfqStatus>> = Object.fromEntries(
  rfqStatuses.map((status) => [inC3[status], status]),
)

/** C3's word for a status in ours. A word this hub does not know counts as open: nobody has decided it, as far as we can tell. */
export const rfqStatusOf = (c3Status: string): RfqStatus => fromC3[c3Status] ?? 'OPEN'

/** A status in C3's word. */
export const c3StatusOf = (status: RfqStatus): string => inC3[status]

/** To what a request goes from where it is, as C3 lets it: a quote may be given again, and what has expired may be quoted anew. */
export const TRANSITIONS: Readonly<Record<RfqStatus, readonly RfqStatus[]>> = {
  OPEN: ['QUOTED', 'LOST', 'EXPIRED'],
  QUOTED: ['QUOTED', 'WON', 'LOST', 'EXPIRED'],
  EXPIRED: ['QUOTED'],
  WON: [],
  LOST: [],
}

/**
 * What a request becomes on the shortest way from one of C3's words to another, the other included: what was quoted and won here before
 * C3 heard of either has to be quoted there first. Undefined where no way leads there. Pure.
 */
export const wayBetween = (from: string, to: string): readonly string[] | undefined => {
  const start = fromC3[from]
  const ways: RfqStatus[][] = start ? [[start]] : []
  const met = new Set(ways.flat())
  for (const way of ways)
    for (const next of TRANSITIONS[way.at(-1)!]) {
      if (inC3[next] === to) return [...way.slice(1), next].map(c3StatusOf)
      if (!met.has(next)) ways.push([...way, next])
      met.add(next)
    }
  return undefined
}

/** Where a request stands, in both words. */
export interface Standing {
  status: RfqStatus
  c3Status: string
}

/** To what a request can go. Of what C3 calls by a word that nobody here knows, nobody here decides. */
export const nextStatuses = ({ status, c3Status }: Standing): readonly RfqStatus[] =>
  c3Status in fromC3 ? TRANSITIONS[status] : []

/** Why a request does not go where it is wanted. */
export interface TransitionRefusal extends Standing {
  __typename: 'TransitionNotAllowed'
  code: 'TRANSITION_NOT_ALLOWED'
  message: string
  allowed: RfqStatus[]
}

/** What a request becomes in C3's word, or why it does not. Pure. */
export const transition = (rfq: Standing, to: RfqStatus): string | TransitionRefusal => {
  const { status, c3Status } = rfq
  const allowed = nextStatuses(rfq)
  if (allowed.includes(to)) return c3StatusOf(to)
  const goesTo = allowed.length > 0 ? `only ${allowed.join(', ')}` : 'nothing any more'
  const message = `The request is ${status} (${c3Status} in C3) and becomes ${goesTo}. Read it again and decide anew.`
  return {
    __typename: 'TransitionNotAllowed',
    code: 'TRANSITION_NOT_ALLOWED',
    message,
    status,
    c3Status,
    allowed: [...allowed],
  }
}
