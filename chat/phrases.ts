/** What phrases of operations have to keep: the language knows their words, and no two operations are called the same. */
import type { Intent } from './contract.ts'
import type { Language } from './language/language.ts'
import { openLexicon } from './lexicon.ts'
import { conceptsOf, openRanking } from './rank.ts'

export interface PhraseFault {
  operation: string
  says: string
}

/** The faults of all phrases. */
export const phraseFaults = (intents: readonly Intent[], language: Language): PhraseFault[] => {
  const lexicon = openLexicon(language)
  const { frames } = openRanking(intents, lexicon)
  const owners = new Map<string, string>()
  const faults: PhraseFault[] = []
  for (const intent of intents) {
    const { name: operation, phrases, isChange, places } = intent
    const slots = places.flatMap(({ slot, isRequired }) => (isRequired && slot ? [slot] : [])).sort()
    phrases.forEach((phrase, at) => {
      const { unknown } = conceptsOf(phrase, lexicon)
      if (unknown.length > 0)
        faults.push({
          operation,
          says: `the phrase "${phrase}" has words that the language does not know: ${unknown.join(', ')}`,
        })
      const frame = frames.get(operation)![at]!
      // What is made of values alone is told apart by its words.
      const own = frame.concepts.size === 0 ? phrase : ''
      const key = JSON.stringify([isChange, slots, [...frame.concepts].sort(), frame.hasValue, own])
      const owner = owners.get(key)
      owners.set(key, owner ?? operation)
      if (owner && owner !== operation)
        faults.push({ operation, says: `the phrase "${phrase}" says the same as one of ${owner}` })
    })
  }
  return faults
}
