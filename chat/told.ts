/** Fills the variables of an operation with the values that a sentence says in so many words. */
import type { Place } from './contract.ts'
import type { Lexicon } from './lexicon.ts'
import { has, lastOf, put } from './paths.ts'
import type { Reading } from './reading.ts'
import { stemsOf } from './words.ts'

/** Texts that are kept in capitals, as HubSpot names them. */
const UPPER = /(^|\.)priority$/

/** Puts what was told where it is called so: the variable itself before what is in one. */
export const fillTold = (
  places: readonly Place[],
  { tellings }: Reading,
  lexicon: Lexicon,
  variables: Record<string, unknown>,
  tellsOf: (at: readonly number[]) => void,
): number => {
  let told = 0
  for (const { field, value, at } of tellings) {
    const [place] = places
      .filter(({ path, slot }) => lastOf(path) === field && !slot && !has(variables, path))
      .sort((a, b) => a.path.split('.').length - b.path.split('.').length)
    const read = place && toldAs(place, value, lexicon)
    if (!place || read === undefined) continue
    put(variables, place.path, place.isList ? [read] : read)
    tellsOf(at)
    told++
  }
  return told
}

/** What was told, as a value of the place's type; undefined when it is none. */
const toldAs = ({ type, values, path }: Place, value: string, lexicon: Lexicon): unknown => {
  if (values)
    return values.find((one) =>
      lexicon
        .valueWords(type, one)
        .some((stems) => stems.join(' ') === stemsOf(value, lexicon.language).join(' ')),
    )
  const number = /^[^\d-]?(\d+(?:[.,]\d{3})*(?:\.\d+)?)(k)?\b/i.exec(value)
  if (type === 'Int' || type === 'Float' || type === 'Decimal') {
    if (!number) return undefined
    const plain = number[1]!.replace(/,/g, '')
    const whole = number[2] ? String(Number(plain) * 1000) : plain
    return type === 'Decimal' ? whole : Number(whole)
  }
  if (type !== 'String' && type !== 'ID') return undefined
  return UPPER.test(path) ? value.toUpperCase() : value
}
