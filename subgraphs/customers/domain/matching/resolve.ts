import { type AccountKey, CLEAR_MARGIN, LINKS_FROM, type MatchRule, SYSTEM_RANK } from './judgement.ts'

/** An account that is given to a customer. */
export interface Placed {
  key: AccountKey
  source: string
  ownCustomerId: string
  customerId: string
  linkedBy: 'OWN' | 'MATCHED' | 'OPENED_FOR' | 'MANUAL'
}

/** A candidate as it counts when accounts are put together. */
export interface Edge {
  a: AccountKey
  b: AccountKey
  kind: 'MATCH' | 'DUPLICATE'
  score: number
  state: 'OPEN' | 'LINKED' | 'REJECTED' | 'GONE'
  /** Whether a person decided. */
  isDecided: boolean
}

/** Where an account goes. */
export interface Placing {
  key: AccountKey
  customerId: string
  linkedBy: 'OWN' | 'MATCHED'
}

/** An account's key as one word. */
export const nameOfKey = ({ system, accountId }: AccountKey): string => `${system} ${accountId}`

/** Rules of which one is enough to keep accounts apart that a third one would join. */
const CONTRADICTS: ReadonlySet<MatchRule> = new Set([
  ...(['NUMBERS_DIFFER', 'PART_OF_GROUP', 'DOMAINS_DIFFER', 'LEGAL_FORMS_DIFFER', 'NAME_UNLIKE'] as const),
])
export const contradicts = (rules: readonly MatchRule[]): boolean =>
  rules.some((rule) => CONTRADICTS.has(rule))

/** A business has as many billing accounts as it likes; of other systems it has one account in each source. */
const isOneOfMany = ({ system }: AccountKey): boolean => system === 'WARP'

const oddsOf = (score: number): number => Math.log2(Math.max(score, 0.005) / Math.max(100 - score, 0.005))

/**
 * Candidates that need nobody's word: at least 85, and neither account has another one in the other's source that would link too or is
 * more than a tenth as likely. Several billing accounts are no rivals of each other.
 */
export const clearEdges = (edges: readonly Edge[], sourceOf: ReadonlyMap<string, string>): Edge[] => {
  const rivals = new Map<string, Edge[]>()
  const place = (from: AccountKey, to: AccountKey) => `${nameOfKey(from)}>${sourceOf.get(nameOfKey(to))}`
  for (const edge of edges) {
    if (edge.state === 'REJECTED' || edge.state === 'GONE') continue
    for (const side of [place(edge.a, edge.b), place(edge.b, edge.a)])
      rivals.set(side, [...(rivals.get(side) ?? []), edge])
  }
  const isClear = (edge: Edge, from: AccountKey, to: AccountKey) =>
    isOneOfMany(to) ||
    (rivals.get(place(from, to)) ?? []).every(
      (rival) =>
        rival === edge ||
        (rival.score < LINKS_FROM && oddsOf(rival.score) + CLEAR_MARGIN <= oddsOf(edge.score)),
    )
  return edges.filter(
    (edge) =>
      edge.kind === 'MATCH' &&
      edge.score >= LINKS_FROM &&
      (edge.state === 'OPEN' || edge.state === 'LINKED') &&
      isClear(edge, edge.a, edge.b) &&
      isClear(edge, edge.b, edge.a),
  )
}

interface Cluster {
  members: Placed[]
  /** Customers that people have put members to. */
  fixed: ReadonlySet<string>
}

const byName = (a: Placed, b: Placed): number => (nameOfKey(a.key) < nameOfKey(b.key) ? -1 : 1)

/** Whose customer a cluster is: that which a person chose, else that of its HubSpot company, else of C3's, else of WARP's account. */
const customerOf = ({ members, fixed }: Cluster): string => {
  const [chosen] = fixed
  if (chosen) return chosen
  return [...members].sort(
    (a, b) => SYSTEM_RANK[a.key.system] - SYSTEM_RANK[b.key.system] || byName(a, b),
  )[0]!.ownCustomerId
}

const isFixed = ({ linkedBy }: Placed): boolean => linkedBy === 'MANUAL' || linkedBy === 'OPENED_FOR'

/**
 * Puts accounts together by what is clear and by what people have said, strongest first. No two companies of one portal come together, nor two accounts of
 * one C3, nor any two of which a person or a rule says that they differ, though a third one be like both. What comes out does not depend on what was
 * known first.
 * @param contradict whether two accounts must not come together
 * @returns accounts that are to go to another customer than they are with, and whether two accounts are together
 */
export const resolve = (
  accounts: readonly Placed[],
  edges: readonly Edge[],
  contradict: (a: AccountKey, b: AccountKey) => boolean,
): { moves: Placing[]; together(a: AccountKey, b: AccountKey): boolean } => {
  const known = new Map(accounts.map((account) => [nameOfKey(account.key), account]))
  const sourceOf = new Map(accounts.map(({ key, source }) => [nameOfKey(key), source]))
  const clusters = new Map<string, Cluster>()
  for (const account of accounts) {
    const fixed = new Set(isFixed(account) ? [account.customerId] : [])
    clusters.set(nameOfKey(account.key), { members: [account], fixed })
  }
  const join = (one: AccountKey, two: AccountKey, may: (a: Cluster, b: Cluster) => boolean) => {
    const [a, b] = [clusters.get(nameOfKey(one)), clusters.get(nameOfKey(two))]
    if (!a || !b || a === b || !may(a, b)) return
    const joined = { members: [...a.members, ...b.members], fixed: new Set([...a.fixed, ...b.fixed]) }
    for (const member of joined.members) clusters.set(nameOfKey(member.key), joined)
  }
  // Whom people put to a customer stay with the account whose customer it is.
  const ownerOf = new Map(accounts.map((account) => [account.ownCustomerId, account]))
  for (const account of accounts) {
    const owner = isFixed(account) ? ownerOf.get(account.customerId) : undefined
    if (owner && !(isFixed(owner) && owner.customerId !== account.customerId))
      join(account.key, owner.key, () => true)
  }
  const rejected = new Set(
    edges
      .filter(({ state }) => state === 'REJECTED')
      .flatMap(({ a, b }) => [`${nameOfKey(a)} ${nameOfKey(b)}`, `${nameOfKey(b)} ${nameOfKey(a)}`]),
  )
  const fixedAgree = (a: Cluster, b: Cluster) => new Set([...a.fixed, ...b.fixed]).size <= 1
  const fits = (a: Cluster, b: Cluster) =>
    fixedAgree(a, b) &&
    a.members.every((one) =>
      b.members.every(
        (two) =>
          (one.source !== two.source || isOneOfMany(one.key)) &&
          !rejected.has(`${nameOfKey(one.key)} ${nameOfKey(two.key)}`) &&
          !contradict(one.key, two.key),
      ),
    )
  for (const { a, b } of edges.filter(({ state, isDecided }) => state === 'LINKED' && isDecided))
    join(a, b, fixedAgree)
  const strongest = clearEdges(edges, sourceOf).sort(
    (x, y) =>
      y.score - x.score ||
      (`${nameOfKey(x.a)} ${nameOfKey(x.b)}` < `${nameOfKey(y.a)} ${nameOfKey(y.b)}` ? -1 : 1),
  )
  for (const { a, b } of strongest) join(a, b, fits)
  const moves = accounts.flatMap((account): Placing[] => {
    if (isFixed(account)) return []
    const customerId = customerOf(clusters.get(nameOfKey(account.key))!)
    const linkedBy = customerId === account.ownCustomerId ? 'OWN' : 'MATCHED'
    if (customerId === account.customerId && linkedBy === account.linkedBy) return []
    return [{ key: account.key, customerId, linkedBy }]
  })
  const together = (a: AccountKey, b: AccountKey) =>
    known.has(nameOfKey(a)) && clusters.get(nameOfKey(a)) === clusters.get(nameOfKey(b))
  return { moves, together }
}
