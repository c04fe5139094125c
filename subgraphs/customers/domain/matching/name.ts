import { skeletonOf } from './skeleton.ts'
import { LEADING_FORMS, LEGAL_FORMS, type LegalForm, LONGEST_FORM, PARTS } from './words.ts'

/** A company's name, taken apart. */
export interface Name {
  /** Its words without legal forms, as skeletons, in order. Never empty unless the name has neither letters nor digits. */
  words: readonly string[]
  legalForm: LegalForm | null
  /** Numbers in it, sorted: Roman ones at the end count as well. */
  numbers: readonly string[]
}

const ROMAN: Readonly<Record<string, string>> = {
  ...{ ii: '2', iii: '3', iv: '4', v: '5', vi: '6', vii: '7', viii: '8', ix: '9' },
}

const wordsOf = (text: string): string[] =>
  skeletonOf(text)
    // "G.m.b.H." and "S.A." are one word each; "McDonald's" is one too.
    .replace(/(?<=(^|[^\p{L}])\p{L})\.(?=\p{L}([^\p{L}]|$)|\s|,|\)|$)/gu, '')
    .replace(/['’`´]/g, '')
    .replace(/[&+]/g, ' and ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

const formAt = (
  words: readonly string[],
  isAtEnd: boolean,
): [form: LegalForm, length: number] | undefined => {
  for (let length = Math.min(LONGEST_FORM, words.length - 1); length > 0; length -= 1) {
    const written = (isAtEnd ? words.slice(-length) : words.slice(0, length)).join(' ')
    const form = LEGAL_FORMS.get(written)
    if (form && (isAtEnd || LEADING_FORMS.has(written))) return [form, length]
  }
  return undefined
}

const stronger = (known: LegalForm | null, found: LegalForm): LegalForm => (known?.countries ? known : found)

const withoutForms = (all: readonly string[]): { words: string[]; legalForm: LegalForm | null } => {
  let words = [...all]
  let legalForm: LegalForm | null = null
  for (const isAtEnd of [true, false])
    for (let found = formAt(words, isAtEnd); found; found = formAt(words, isAtEnd)) {
      const [form, length] = found
      words = isAtEnd ? words.slice(0, -length) : words.slice(length)
      // "Co." beside another form says no more than that one does.
      legalForm = stronger(legalForm, form)
      // What joined the form to the name: "and" of "& Co."
      while (isAtEnd && words.length > 1 && words.at(-1) === 'and') words.pop()
    }
  return { words, legalForm }
}

/** Takes a name apart. Words in brackets at its end come last, as if they were written without. */
export const parseName = (text: string): Name => {
  const inBrackets = [...text.matchAll(/[([]([^)\]]*)[)\]]/g)].map((match) => match[1] ?? '')
  const outside = wordsOf(text.replace(/[([][^)\]]*[)\]]/g, ' '))
  const { words, legalForm } = withoutForms(outside.length > 0 ? outside : wordsOf(text))
  const bracketed = outside.length > 0 ? inBrackets.flatMap(wordsOf) : []
  const more = bracketed.length === 0 ? { words: [], legalForm: null } : trailing(bracketed)
  const all = [...words, ...more.words]
  const at = all.length - 1
  const numbers = all
    .flatMap((word, n) => (n > 0 && n === at && ROMAN[word] ? [ROMAN[word]] : (word.match(/\d+/g) ?? [])))
    .map((digits) => digits.replace(/^0+(?=\d)/, ''))
  return { words: all, legalForm: legalForm ?? more.legalForm, numbers: numbers.sort() }
}

// A legal form alone may stand in brackets: "Acme (Pty) Ltd".
const trailing = (words: readonly string[]) => {
  const form = LEGAL_FORMS.get(words.join(' '))
  return form ? { words: [], legalForm: form } : { words: [...words], legalForm: null }
}

/** A name without its place, when it says where the account is known to be: "Acme (Denver)" in Denver. */
export const withoutPlace = (name: Name, places: readonly (string | null)[]): Name => {
  for (const place of places) {
    const words = place ? wordsOf(place) : []
    const tail = name.words.slice(-words.length)
    if (words.length > 0 && words.length < name.words.length && tail.join(' ') === words.join(' '))
      return { ...name, words: name.words.slice(0, -words.length) }
  }
  return name
}

/** Whether a word tells parts of a group apart. */
export const isPart = (word: string): boolean => PARTS.has(word)

/** A name as one word. */
export const compactOf = (name: Name): string => name.words.join('')
