/** How near a name is to what was said. */

/** Legal forms of companies, in any country. */
const LEGAL = new Set(
  'gmbh ag kg ohg ug mbh co inc incorporated llc ltd limited plc corp corporation sa sas sarl srl spa bv nv oy ab as aps pty pte'.split(
    ' ',
  ),
)
/** What joins the words of names says as little about them. */
const JOINING = new Set(['the', 'und', 'and', 'company'])

/** Whether a word is a legal form of companies, as `GmbH`. */
export const isLegalForm = (word: string): boolean => LEGAL.has(word.toLowerCase())

const MOST_KEPT = 2_000
const kept = new Map<string, string[]>()

/** The words of a name that tell it apart: without accents, punctuation and legal forms. */
export const nameWords = (name: string): string[] => {
  const there = kept.get(name)
  if (there) return there
  const words = readWords(name)
  if (kept.size >= MOST_KEPT) kept.clear()
  kept.set(name, words)
  return words
}

const readWords = (name: string): string[] => {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]s\b/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
  const telling = words.filter((word) => !LEGAL.has(word) && !JOINING.has(word))
  return telling.length > 0 ? telling : words
}

const trigrams = (text: string): Set<string> => {
  const padded = `  ${text} `
  return new Set(Array.from({ length: padded.length - 2 }, (_, at) => padded.slice(at, at + 3)))
}

const alike = (one: string, other: string): number => {
  const [a, b] = [trigrams(one), trigrams(other)]
  let same = 0
  for (const part of a) if (b.has(part)) same++
  return (2 * same) / (a.size + b.size)
}

/** From 0 to 1; 1: the same but for case, accents and legal forms. A name that was begun is near, a misspelt one a little less. */
export const nearness = (said: string, name: string): number => {
  const [saying, naming] = [nameWords(said), nameWords(name)]
  const [one, other] = [saying.join(' '), naming.join(' ')]
  if (one === '' || other === '') return 0
  if (said.trim().toLowerCase() === name.trim().toLowerCase()) return 1
  if (one === other || one.replaceAll(' ', '') === other.replaceAll(' ', '')) return 0.99
  const starts = saying.every((word, at) =>
    at < saying.length - 1 ? naming[at] === word : naming[at]?.startsWith(word),
  )
  if (starts && one.length >= 3)
    return saying.every((word, at) => naming[at] === word) ? 0.95 : one.length >= 4 ? 0.8 : 0.6
  if (one.length >= 4 && saying.every((word) => naming.includes(word))) return 0.85
  // Who says more than the name has said the name and something else.
  if (saying.length > naming.length && naming.every((word) => saying.includes(word))) return 0.5
  return alike(one, other) * 0.95
}
