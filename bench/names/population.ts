/** Businesses written by hand, as accounts of several systems: for measuring who is found to be whom where nothing was made by us. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Facts, type Profile, profileOf } from '../../subgraphs/customers/domain/matching/profile.ts'

/** Half of the families may be looked at when the matcher is worked on; of the other half only figures are ever shown. */
export type Half = 'LOOKED_AT' | 'HELD_OUT'
/** What accounts say beside their names: each record lacks it one time in four, as records do. */
export type Beside = 'NAME' | 'DOMAIN' | 'PLACE'

interface Business {
  family: string
  domain: string
  place: string
  names: string[]
  kind: string
}

const BUSINESSES: readonly Business[] = (() => {
  let kind = ''
  const all: Business[] = []
  for (const line of readFileSync(new URL('./businesses.tsv', import.meta.url), 'utf8').split('\n')) {
    if (line.startsWith('# kind: ')) kind = line.slice('# kind: '.length)
    if (line === '' || line.startsWith('#')) continue
    const [family = '', domain = '', place = '', names = ''] = line.split('\t')
    all.push({ family, domain, place, names: names.split(' | '), kind })
  }
  return all
})()

/** The same number from 0 to 255 for the same text, for ever. */
const drawOf = (text: string): number => createHash('sha256').update(text).digest()[0]!

/** In which half a family is. It hangs on its name alone, so nobody chooses. */
export const halfOf = (family: string): Half => (drawOf(family) % 2 === 0 ? 'LOOKED_AT' : 'HELD_OUT')

export type NamedAccount = Profile & { business: number; kind: string }

/** Accounts of one half: the names of a business are those of as many systems, so that no system has a business twice. */
export const namedAccounts = (half: Half, beside: Beside): NamedAccount[] =>
  BUSINESSES.flatMap((business, n) => {
    if (halfOf(business.family) !== half) return []
    // Who has one name only is known to one of the systems.
    const first = drawOf(business.domain) % 3
    return business.names.map((name, at): NamedAccount => {
      const isSaid = drawOf(`${name} ${at}`) % 4 !== 0
      const source = String((first + at) % 3)
      const facts: Facts = {
        ...{ key: { system: 'C3', accountId: `${n}-${at}` }, source, name, phones: [], ban: null },
        domain: beside === 'DOMAIN' && isSaid ? business.domain : null,
        place: beside === 'PLACE' && isSaid ? business.place : null,
        ...{ country: null, isSupplier: false },
      }
      return { ...profileOf(facts), business: n, kind: business.kind }
    })
  })
