/** `npm run bench -- identity`: who is found to be whom, against a world whose truth is known. No hub is started: formulas are pure. */
import { parseArgs } from 'node:util'
import { Universe } from '../connectors/demo/index.ts'
import { countsOf } from '../subgraphs/customers/domain/matching/counts.ts'
import { judgePair } from '../subgraphs/customers/domain/matching/judge.ts'
import { ASKS_FROM } from '../subgraphs/customers/domain/matching/judgement.ts'
import { coreOf, countedOf, type Profile, profileOf } from '../subgraphs/customers/domain/matching/profile.ts'
import { contradicts, type Edge, nameOfKey, resolve } from '../subgraphs/customers/domain/matching/resolve.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'

/** More accounts than this that share something do not come into question by it. */
const MOST_SHARING = 60
const SYSTEMS = { hubspot: 'HUBSPOT', c3: 'C3', warp: 'WARP' } as const

type Account = Profile & { business: number; isPart: boolean; isTenant: boolean }

const accountsOf = (universe: Universe): Account[] => {
  const all: Account[] = []
  for (const truth of universe.truths()) {
    const subject = universe.business(truth.index)
    const ids = { hubspot: truth.hubspotId, c3: truth.c3CustomerId, warp: truth.ban }
    for (const system of ['hubspot', 'c3', 'warp'] as const) {
      const id = ids[system]
      if (id === null) continue
      const face = universe.face(subject, system)
      const tells = system !== 'warp'
      const digits = face.phone?.replace(/\D/g, '').slice(-10)
      const profile = profileOf({
        key: { system: SYSTEMS[system], accountId: id },
        ...{
          source: system,
          name: face.name,
          domain: face.domain,
          ban: null,
          country: null,
          isSupplier: false,
        },
        phones: tells && digits ? [digits] : [],
        place: tells ? subject.city : null,
      })
      const isTenant = subject.phone.startsWith('+1303200')
      all.push({ ...profile, business: truth.index, isPart: truth.parent !== null, isTenant })
    }
  }
  return all
}

/** How many accounts of one source share what a key stands for. */
const countAll = (accounts: readonly Account[]) => {
  const bySource = new Map<string, Map<string, number>>()
  for (const account of accounts)
    for (const key of countedOf(account)) {
      const counts = bySource.get(key) ?? new Map<string, number>()
      bySource.set(key, counts.set(account.source, (counts.get(account.source) ?? 0) + 1))
    }
  return countsOf(new Map([...bySource].map(([key, counts]) => [key, Math.max(...counts.values())])))
}

const keysOf = (account: Account): Set<string> => {
  const [first = ''] = coreOf(account).split(' ')
  const nearly = Array.from(first, (_, at) => `~${first.slice(0, at)}${first.slice(at + 1)}`)
  return new Set([...countedOf(account).filter((key) => key !== ''), ...nearly])
}

/** Pairs that come into question, each once. */
function* pairsOf(accounts: readonly Account[]): Generator<[Account, Account]> {
  const sharing = new Map<string, number[]>()
  accounts.forEach((account, n) => {
    for (const key of keysOf(account))
      sharing.set(key, [...(sharing.get(key) ?? []), n].slice(0, MOST_SHARING + 1))
  })
  const seen = new Set<number>()
  for (const members of sharing.values()) {
    if (members.length > MOST_SHARING) continue
    for (const [at, one] of members.entries())
      for (const two of members.slice(at + 1)) {
        const pair = one * accounts.length + two
        if (seen.has(pair)) continue
        seen.add(pair)
        yield [accounts[one]!, accounts[two]!]
      }
  }
}

const NOISE = [
  'none',
  'subsidiary',
  'shared switchboard',
  'no domain',
  'other domain',
  'name differs',
] as const

/** What makes a pair of one business hard, the hardest first. */
const noiseOf = (a: Account, b: Account): (typeof NOISE)[number] => {
  if (a.isPart) return 'subsidiary'
  if (a.isTenant) return 'shared switchboard'
  if (a.parsed.words.join(' ') !== b.parsed.words.join(' ')) return 'name differs'
  if (!a.domain || !b.domain) return 'no domain'
  return a.domain === b.domain ? 'none' : 'other domain'
}

/** @returns the report of `npm run bench -- identity` @param args `--companies`, `--seed` */
export const benchIdentity = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: { companies: { type: 'string', default: '10000' }, seed: { type: 'string', default: '7' } },
  })
  const options = { companies: Number(values.companies), seed: Number(values.seed) }
  const accounts = accountsOf(new Universe(options))
  const counts = countAll(accounts)
  say(`${accounts.length} accounts of three systems`)
  const since = performance.now()
  const edges: Edge[] = []
  let judged = 0
  for (const [one, two] of pairsOf(accounts)) {
    judged += 1
    const { score } = judgePair(one, two, counts)
    const kind = one.source === two.source ? 'DUPLICATE' : 'MATCH'
    if (score >= ASKS_FROM)
      edges.push({ a: one.key, b: two.key, kind, score, state: 'OPEN', isDecided: false })
  }
  const perPair = ((performance.now() - since) * 1000) / judged
  say(`${judged} pairs judged`)
  const known = new Map(accounts.map((account) => [nameOfKey(account.key), account]))
  const of = (key: Edge['a']) => known.get(nameOfKey(key))!
  const placed = accounts.map(({ key, source }) => {
    const own = nameOfKey(key)
    return { key, source, ownCustomerId: own, customerId: own, linkedBy: 'OWN' as const }
  })
  const { together } = resolve(placed, edges, (a, b) => contradicts(judgePair(of(a), of(b), counts).rules))
  const asked = new Set(edges.map(({ a, b }) => `${nameOfKey(a)} ${nameOfKey(b)}`))
  const isAsked = (a: Edge['a'], b: Edge['a']) =>
    asked.has(`${nameOfKey(a)} ${nameOfKey(b)}`) || asked.has(`${nameOfKey(b)} ${nameOfKey(a)}`)
  const rows = new Map(NOISE.map((noise) => [noise, { pairs: 0, linked: 0, found: 0 }]))
  for (const group of Map.groupBy(accounts, ({ business }) => business).values())
    for (const [at, one] of group.entries())
      for (const two of group.slice(at + 1)) {
        const row = rows.get(noiseOf(one, two))!
        const isLinked = together(one.key, two.key)
        row.pairs += 1
        row.linked += isLinked ? 1 : 0
        row.found += isLinked || isAsked(one.key, two.key) ? 1 : 0
      }
  const linked = edges.filter(({ a, b, kind }) => kind === 'MATCH' && together(a, b))
  const wrong = linked.filter(({ a, b }) => of(a).business !== of(b).business)
  const sum = (what: 'pairs' | 'linked' | 'found') =>
    [...rows.values()].reduce((all, row) => all + row[what], 0)
  const open = edges.filter(({ a, b, kind }) => kind === 'MATCH' && !together(a, b))
  return reportOf('identity', options, {
    figures: [
      figure('accounts', accounts.length),
      figure('pairs judged', judged),
      figure('time for each', perPair, 'µs'),
      figure('pairs asked about', open.length),
      ...[...rows].flatMap(([noise, row]) => [
        figure(`${noise}: pairs`, row.pairs),
        figure(`${noise}: linked`, (100 * row.linked) / row.pairs, '%'),
        figure(`${noise}: linked or asked about`, (100 * row.found) / row.pairs, '%'),
      ]),
    ],
    bars: [
      bar(
        'precision of links',
        (100 * (linked.length - wrong.length)) / linked.length,
        'at least',
        99.5,
        '%',
      ),
      bar('recall of links', (100 * sum('linked')) / sum('pairs'), 'at least', 85, '%'),
      bar('recall with what is asked about', (100 * sum('found')) / sum('pairs'), 'at least', 97, '%'),
    ],
    detail: { rows: Object.fromEntries(rows), wrong: wrong.slice(0, 20) },
  })
}
