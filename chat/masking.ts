/** Takes out of a sentence what may be somebody's name, number or address, for whoever is not to read it. */
import type { Lexicon } from './lexicon.ts'
import { cleaned, type Token, tokensOf } from './words.ts'

export interface Masked {
  /** The sentence, with `NAME1`, `NAME2` … for what was taken out. */
  text: string
  /** What stands for words of a masked sentence: the words that were said. */
  reveal(words: string): string
}

/**
 * Masks a sentence. Taken out is what stands between quotation marks, what the language does not know, what begins with a capital inside
 * the sentence, and what holds digits. A name that is written like everyday words in small letters is not recognised.
 */
export const masked = (said: string, lexicon: Lexicon): Masked => {
  const text = cleaned(said, lexicon.language)
  const tokens = tokensOf(text, lexicon.language)
  const isOpen = ({ stem, lower, isQuoted, isCapital }: Token, at: number): boolean =>
    !isQuoted &&
    !/[\d@]/.test(lower) &&
    (at === 0 || !isCapital || lexicon.language.forms.nameless.has(lower)) &&
    (lexicon.known.has(stem) || lexicon.known.has(lower) || lexicon.ordinary.has(stem))
  const hidden = new Map<string, string>()
  let [shown, end] = ['', 0]
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token
    if (isOpen(token, at)) continue
    let last = at
    while (tokens[last + 1] && !isOpen(tokens[last + 1] as Token, last + 1)) last++
    const name = `NAME${hidden.size + 1}`
    hidden.set(name, text.slice(token.start, (tokens[last] as Token).end))
    shown += text.slice(end, token.start) + name
    end = (tokens[last] as Token).end
    at = last
  }
  return {
    text: (shown + text.slice(end)).replaceAll('"', ''),
    reveal: (words) => words.replaceAll(/NAME\d+/g, (name) => hidden.get(name) ?? name),
  }
}
