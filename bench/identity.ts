/** `npm run bench -- identity`: who is found to be whom, against a world whose truth is known. No hub is started: formulas are pure. */
import { parseArgs } from 'node:util'
import { Universe } from '../connectors/demo/index.ts'
import { coreOf, countedOf, profileOf } from '../subgraphs/customers/domain/matching/profile.ts'
import { everyPair, findAll, type KnownAccount, recallBy } from './matching.ts'
import { type Beside, type Half, namedAccounts } from './names/population.ts'
import { type Bar, bar, type Figure, figure, type Report, reportOf, say } from './report.ts'

/** More accounts than this that share something do not come into question by it. */
const MOST_SHARING = 60
const SYSTEMS = { hubspot: 'HUBSPOT', c3: 'C3', warp: 'WARP' } as const

type Account = KnownAccount & { isPart: boolean; isTenant: boolean }

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

/** What makes a pair of one business hard, the hardest first. */
const noiseOf = (a: Account, b: Account): string => {
  if (a.isPart) return 'subsidiary'
  if (a.isTenant) return 'shared switchboard'
  if (a.parsed.words.join(' ') !== b.parsed.words.join(' ')) return 'name differs'
  if (!a.domain || !b.domain) return 'no domain'
  return a.domain === b.domain ? 'none' : 'other domain'
}

/** How much is linked, rightly, and how much at least asked about. */
const shares = (rows: Iterable<{ pairs: number; linked: number; found: number }>) => {
  const all = [...rows]
  const sum = (what: 'pairs' | 'linked' | 'found') => all.reduce((total, row) => total + row[what], 0)
  return { recall: (100 * sum('linked')) / sum('pairs'), found: (100 * sum('found')) / sum('pairs') }
}

const precisionOf = ({ linked, wrong }: { linked: unknown[]; wrong: unknown[] }): number =>
  (100 * (linked.length - wrong.length)) / linked.length

const HALVES: Readonly<Record<Half, string>> = { LOOKED_AT: 'looked at', HELD_OUT: 'held out' }
const BESIDES: Readonly<Record<Beside, string>> = {
  ...{ NAME: 'names alone', DOMAIN: 'names and domains', PLACE: 'names and places' },
}

/** The same of names that the matcher was not made with. What is held out is counted and never shown. */
const otherNames = (): { figures: Figure[]; bars: Bar[] } => {
  const [figures, bars]: [Figure[], Bar[]] = [[], []]
  for (const half of ['LOOKED_AT', 'HELD_OUT'] as const)
    for (const beside of ['NAME', 'DOMAIN', 'PLACE'] as const) {
      const accounts = namedAccounts(half, beside)
      const found = findAll(accounts, everyPair(accounts))
      const rows = recallBy(accounts, found, ({ kind }) => kind)
      const { recall, found: asked } = shares(rows.values())
      const named = `other names, ${HALVES[half]}, ${BESIDES[beside]}`
      figures.push(figure(`${named}: accounts`, accounts.length))
      figures.push(figure(`${named}: linked`, recall, '%'), figure(`${named}: or asked about`, asked, '%'))
      if (half === 'LOOKED_AT' && beside === 'DOMAIN')
        for (const [kind, row] of rows)
          figures.push(figure(`${kind}: linked`, (100 * row.linked) / row.pairs, '%'))
      bars.push(bar(`${named}: precision of links`, precisionOf(found), 'at least', 99.5, '%'))
    }
  return { figures, bars }
}

/** @returns the report of `npm run bench -- identity` @param args `--companies`, `--seed` */
export const benchIdentity = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: { companies: { type: 'string', default: '10000' }, seed: { type: 'string', default: '7' } },
  })
  const options = { companies: Number(values.companies), seed: Number(values.seed) }
  const accounts = accountsOf(new Universe(options))
  say(`${accounts.length} accounts of three systems`)
  const since = performance.now()
  const found = findAll(accounts, pairsOf(accounts))
  const perPair = ((performance.now() - since) * 1000) / found.judged
  say(`${found.judged} pairs judged`)
  const rows = recallBy(accounts, found, noiseOf)
  const { recall, found: asked } = shares(rows.values())
  const others = otherNames()
  say('other names measured')
  return reportOf('identity', options, {
    figures: [
      figure('accounts', accounts.length),
      figure('pairs judged', found.judged),
      figure('time for each, with putting together', perPair, 'µs'),
      figure('pairs asked about', found.asked.length),
      ...[...rows].flatMap(([noise, row]) => [
        figure(`${noise}: pairs`, row.pairs),
        figure(`${noise}: linked`, (100 * row.linked) / row.pairs, '%'),
        figure(`${noise}: linked or asked about`, (100 * row.found) / row.pairs, '%'),
      ]),
      ...others.figures,
    ],
    bars: [
      bar('precision of links', precisionOf(found), 'at least', 99.5, '%'),
      bar('recall of links', recall, 'at least', 85, '%'),
      bar('recall with what is asked about', asked, 'at least', 97, '%'),
      ...others.bars,
    ],
    detail: { rows: Object.fromEntries(rows), wrong: found.wrong.slice(0, 20) },
  })
}
