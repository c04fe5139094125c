import { LEADING_FORMS, LEGAL_FORMS, type LegalForm, LONGEST_FORM, UNSPACED_FORMS } from './legal-forms.ts'
import { skeletonOf } from './skeleton.ts'
import { PARTS } from './words.ts'

/** A company's name, taken apart. */
export interface Name {
  /** Its words without legal forms, as skeletons, in order. Never empty unless the name has neither letters nor digits. */
  words: readonly string[]
  legalForm: LegalForm | null
  /** What the legal form is written as: its letters may count among the initials. */
  formWords: readonly string[]
  /** Numbers in it, sorted: Roman ones at the end count as well. */
  numbers: readonly string[]
}

// As skeletons: an x is read as ks.
const ROMAN: Readonly<Record<string, string>> = {
  ...{ ii: '2', iii: '3', iv: '4', v: '5', vi: '6', vii: '7', viii: '8', iks: '9' },
}
const COUNTED: Readonly<Record<string, string>> = {
  ...{
    one: '1',
    two: '2',
    three: '3',
    four: '4',
    five: '5',
    siks: '6',
    seven: '7',
    eight: '8',
    nine: '9',
    ten: '10',
  },
}

const UNSPACED = new RegExp(UNSPACED_FORMS.join('|'), 'gu')
/** "J. B." and "J B" are written "JB" as well. */
const withInitialsTogether = (words: readonly string[]): string[] => {
  const together: string[] = []
  let isOpen = false
  for (const word of words) {
    const isLetter = /^\p{L}$/u.test(word)
    if (isLetter && isOpen) together[together.length - 1] += word
    else together.push(word)
    isOpen = isLetter
  }
  return together
}

/** The words of a text, as skeletons. */
export const wordsOf = (text: string): string[] => {
  const words = skeletonOf(text)
    // "G.m.b.H." and "S.A." are one word each; "McDonald's" is one too.
    .replace(/(?<=(^|[^\p{L}])\p{L})\.(?=\p{L}([^\p{L}]|$)|\s|,|\)|$)/gu, '')
    .replace(/['’`´]/g, '')
    // "AT&T" and "P&G" are initials; in "Marks & Spencer" it is a word.
    .replace(/(?<=(?<!\p{L})\p{L}{1,2})&(?=\p{L}{1,2}(?!\p{L}))/gu, '')
    .replace(/[&+]/g, ' and ')
    .replace(UNSPACED, ' $& ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
  return withInitialsTogether(words)
    .filter((word, at, all) => !(/^(no|nr)$/.test(word) && /^\d+$/.test(all[at + 1] ?? '')))
    .map((word) => COUNTED[word] ?? word)
}

interface FoundForm {
  form: LegalForm
  length: number
}

const formAt = (words: readonly string[], isAtEnd: boolean): FoundForm | undefined => {
  for (let length = Math.min(LONGEST_FORM, words.length - 1); length > 0; length -= 1) {
    const written = (isAtEnd ? words.slice(-length) : words.slice(0, length)).join(' ')
    const form = LEGAL_FORMS.get(written)
    if (form && (isAtEnd || LEADING_FORMS.has(written))) return { form, length }
  }
  return undefined
}

const stronger = (known: LegalForm | null, found: LegalForm): LegalForm => (known?.countries ? known : found)

const withoutForms = (all: readonly string[]): Pick<Name, 'words' | 'legalForm' | 'formWords'> => {
  let words = [...all]
  let legalForm: LegalForm | null = null
  const formWords: string[] = []
  for (const isAtEnd of [true, false])
    for (let found = formAt(words, isAtEnd); found; found = formAt(words, isAtEnd)) {
      const { form, length } = found
      formWords.unshift(...(isAtEnd ? words.slice(-length) : words.slice(0, length)))
      words = isAtEnd ? words.slice(0, -length) : words.slice(length)
      // "Co." beside another form says no more than that one does.
      legalForm = stronger(legalForm, form)
      // What joined the form to the name: "and" of "& Co."
      while (isAtEnd && words.length > 1 && words.at(-1) === 'and') words.pop()
    }
  return { words, legalForm, formWords }
}

/** What a register adds behind the legal form: "ACME CORP /DE/" is Acme of Delaware, "/NEW/" the second one to file under this name. */
const withoutFiling = (text: string): string => {
  const [, before] = /^(.*?\S)\s*\/\s*(?:\p{L}{2,3})?\s*\/?\s*$/u.exec(text) ?? []
  return before && formAt(wordsOf(before), true) ? before : text
}

/** Takes a name apart. Words in brackets at its end come last, as if they were written without. */
export const parseName = (text: string): Name => {
  const filed = withoutFiling(text)
  const inBrackets = [...filed.matchAll(/[([]([^)\]]*)[)\]]/g)].map((match) => match[1] ?? '')
  const outside = wordsOf(filed.replace(/[([][^)\]]*[)\]]/g, ' '))
  const { words, legalForm, formWords } = withoutForms(outside.length > 0 ? outside : wordsOf(filed))
  const bracketed = outside.length > 0 ? inBrackets.flatMap(wordsOf) : []
  const more = bracketed.length === 0 ? { words: [], legalForm: null } : trailing(bracketed)
  const all = [...words, ...more.words]
  const at = all.length - 1
  const numbers = all
    .flatMap((word, n) => (n > 0 && n === at && ROMAN[word] ? [ROMAN[word]] : (word.match(/\d+/g) ?? [])))
    .map((digits) => digits.replace(/^0+(?=\d)/, ''))
  return { words: all, legalForm: legalForm ?? more.legalForm, formWords, numbers: numbers.sort() }
}

// A legal form alone may stand in brackets: "Acme (Pty) Ltd".
const trailing = (words: readonly string[]) => {
  const form = LEGAL_FORMS.get(words.join(' '))
  return form ? { words: [], legalForm: form } : { words: [...words], legalForm: null }
}

/**
 * Names that a text gives a business: the first is the one it is filed under; what stands behind "doing business as", "trading as",
 * "formerly" and their short forms is another one.
 */
export const namesIn = (text: string): string[] => {
  const parts = text
    .split(
      /[\s,;([]+(?:d\/?b\/?a|t\/a|f\/?k\/?a|a\/?k\/?a|doing business as|trading as|formerly(?: known as)?|also known as)\b[.:]?\s+/iu,
    )
    .map((part) => part.trim().replace(/^[([]|[)\]]$/g, ''))
    .filter((part) => /[\p{L}\p{N}]/u.test(part))
  return parts.length > 0 ? parts : [text]
}

/** A name without its place, when it says where the account is known to be: "Acme (Denver)" in Denver. Undefined when it does not. */
export const withoutPlace = (name: Name, places: readonly (string | null)[]): Name | undefined => {
  for (const place of places) {
    const words = place ? wordsOf(place) : []
    const tail = name.words.slice(-words.length)
    if (words.length > 0 && words.length < name.words.length && tail.join(' ') === words.join(' '))
      return { ...name, words: name.words.slice(0, -words.length) }
  }
  return undefined
}

/** Whether a word tells parts of a group apart. */
export const isPart = (word: string): boolean => PARTS.has(word)

/** A name as one word. */
export const compactOf = (name: Name): string => name.words.join('')
