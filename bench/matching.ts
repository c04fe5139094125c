/** Accounts whose truth is known, put together as the hub puts them together: what is linked, asked about, and wrong. */
import { countsOf } from '../subgraphs/customers/domain/matching/counts.ts'
import { judgePair } from '../subgraphs/customers/domain/matching/judge.ts'
import { ASKS_FROM, type MatchRule } from '../subgraphs/customers/domain/matching/judgement.ts'
import { countedOf, type Profile } from '../subgraphs/customers/domain/matching/profile.ts'
import { contradicts, type Edge, nameOfKey, resolve } from '../subgraphs/customers/domain/matching/resolve.ts'

/** An account, and the business that it is really of. */
export type KnownAccount = Profile & { business: number }

/** How many accounts of one source share what a key stands for: what the hub counts. */
export const countAll = (accounts: readonly KnownAccount[]) => {
  const bySource = new Map<string, Map<string, number>>()
  for (const account of accounts)
    for (const key of countedOf(account)) {
      const counts = bySource.get(key) ?? new Map<string, number>()
      bySource.set(key, counts.set(account.source, (counts.get(account.source) ?? 0) + 1))
    }
  return countsOf(new Map([...bySource].map(([key, counts]) => [key, Math.max(...counts.values())])))
}

/** A pair that was judged, and came to be asked about at least. */
export interface JudgedPair<A> {
  one: A
  two: A
  score: number
  rules: readonly MatchRule[]
}

export interface Found<A> {
  judged: number
  /** Pairs linked by themselves, and those of them that are not one business. */
  linked: JudgedPair<A>[]
  wrong: JudgedPair<A>[]
  /** Pairs that somebody is asked about. */
  asked: JudgedPair<A>[]
  isTogether(one: A, two: A): boolean
  isAsked(one: A, two: A): boolean
}

const sameKey = (one: string, two: string) => (one < two ? `${one} ${two}` : `${two} ${one}`)

/** Judges pairs and puts accounts together. @param pairs those that come into question */
export const findAll = <A extends KnownAccount>(
  accounts: readonly A[],
  pairs: Iterable<[A, A]>,
): Found<A> => {
  const counts = countAll(accounts)
  const kept = new Map<string, JudgedPair<A>>()
  const edges: Edge[] = []
  let judged = 0
  for (const [one, two] of pairs) {
    judged += 1
    const { score, rules } = judgePair(one, two, counts)
    if (score < ASKS_FROM) continue
    const kind = one.source === two.source ? 'DUPLICATE' : 'MATCH'
    edges.push({ a: one.key, b: two.key, kind, score, state: 'OPEN', isDecided: false })
    if (kind === 'MATCH')
      kept.set(sameKey(nameOfKey(one.key), nameOfKey(two.key)), { one, two, score, rules })
  }
  const known = new Map(accounts.map((account) => [nameOfKey(account.key), account]))
  const placed = accounts.map(({ key, source }) => {
    const own = nameOfKey(key)
    return { key, source, ownCustomerId: own, customerId: own, linkedBy: 'OWN' as const }
  })
  const of = (key: Edge['a']) => known.get(nameOfKey(key))!
  const { together } = resolve(placed, edges, (a, b) => contradicts(judgePair(of(a), of(b), counts).rules))
  const isTogether = (one: A, two: A) => together(one.key, two.key)
  const all = [...kept.values()]
  const linked = all.filter(({ one, two }) => isTogether(one, two))
  return {
    judged,
    linked,
    wrong: linked.filter(({ one, two }) => one.business !== two.business),
    asked: all.filter(({ one, two }) => !isTogether(one, two)),
    isTogether,
    isAsked: (one, two) => kept.has(sameKey(nameOfKey(one.key), nameOfKey(two.key))),
  }
}

/** How much of what is one business was linked, or at least asked about, by what makes it hard. */
export const recallBy = <A extends KnownAccount>(
  accounts: readonly A[],
  found: Found<A>,
  kindOf: (one: A, two: A) => string,
): Map<string, { pairs: number; linked: number; found: number }> => {
  const rows = new Map<string, { pairs: number; linked: number; found: number }>()
  for (const group of Map.groupBy(accounts, ({ business }) => business).values())
    for (const [at, one] of group.entries())
      for (const two of group.slice(at + 1)) {
        const kind = kindOf(one, two)
        const row = rows.get(kind) ?? { pairs: 0, linked: 0, found: 0 }
        const isLinked = found.isTogether(one, two)
        row.pairs += 1
        row.linked += isLinked ? 1 : 0
        row.found += isLinked || found.isAsked(one, two) ? 1 : 0
        rows.set(kind, row)
      }
  return rows
}

/** All pairs there are: for populations small enough to need no blocking. */
export function* everyPair<A>(accounts: readonly A[]): Generator<[A, A]> {
  for (const [at, one] of accounts.entries()) for (const two of accounts.slice(at + 1)) yield [one, two]
}
