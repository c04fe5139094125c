import { SHORT_FORMS } from './words.ts'

/** How two words compare. */
export type WordLevel = 'EXACT' | 'SHORT_FORM' | 'TYPO' | 'UNLIKE'

/**
 * Fewest insertions, deletions, replacements and exchanges of neighbours that make one word of the other (optimal string alignment).
 * @param most where to stop counting; more than that is told as `most + 1`
 */
export const slips = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
      if (cost < least) least = cost
    }
    if (least > most) return most + 1
    ;[before, last] = [last, row]
  }
  return Math.min(last[b.length]!, most + 1)
}

// As people cut words short: the first letter and others of it in order, most of them consonants.
const isShortFor = (short: string, long: string): boolean => {
  if (short.length < 2 || short.length > long.length - 2 || short[0] !== long[0]) return false
  if (SHORT_FORMS.get(short) === long) return true
  if (short.length >= 3 && long.startsWith(short)) return true
  if (short.length < 3 || /[aeiou]/.test(short.slice(1))) return false
  let at = 0
  for (const letter of short) {
    at = long.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  // The end of the word is kept where its consonants are: "ctrls", "svcs".
  return short.at(-1) === long.at(-1) || short.length >= 4
}

/** Whether two neighbouring letters have changed places, and nothing else. */
export const isExchange = (a: string, b: string): boolean =>
  a.length === b.length && [...a].sort().join('') === [...b].sort().join('') && slips(a, b, 1) === 1

const SOME_LETTERS = 4
const MANY_LETTERS = 5
const VERY_MANY_LETTERS = 9

/** How two words compare: the same, one short for the other, the same but for a slip of the hand, or different. */
export const compareWords = (a: string, b: string): WordLevel => {
  if (a === b) return 'EXACT'
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  // One is the plural of the other.
  if (short.length >= 4 && (long === `${short}s` || long === `${short}es`)) return 'EXACT'
  if (SHORT_FORMS.has(a) && SHORT_FORMS.get(a) === SHORT_FORMS.get(b)) return 'EXACT'
  if (isShortFor(short, long)) return 'SHORT_FORM'
  // A digit more or less is another number, not a slip.
  if (/\d/.test(a + b) || short.length < SOME_LETTERS) return 'UNLIKE'
  // Of a short word only two letters that have changed places: one replaced makes another word too often.
  if (short.length < MANY_LETTERS) return isExchange(a, b) ? 'TYPO' : 'UNLIKE'
  const most = short.length >= VERY_MANY_LETTERS ? 2 : 1
  return slips(a, b, most) <= most ? 'TYPO' : 'UNLIKE'
}
