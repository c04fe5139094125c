/** A sentence as it was read, before it is known what it means. */
import type { Amounts } from './amounts.ts'
import type { Subject } from './contract.ts'
import type { Mood } from './mood.ts'
import type { Telling } from './telling.ts'
import type { Span } from './times.ts'
import type { Token } from './words.ts'

export interface Reading {
  text: string
  tokens: readonly Token[]
  /** The things and deeds in it, each with its tokens. */
  concepts: readonly { of: string; at: readonly number[] }[]
  subjects: readonly Subject[]
  time: Span | undefined
  /** Values that it says in so many words. */
  tellings: readonly Telling[]
  amounts: Amounts
  mood: Mood
  /** It ends where a name was to come: `the deals of`. */
  isOpen: boolean
  /** Words that the language does not know. */
  strange: readonly number[]
  /** Words that mean something to the language, but not by themselves. */
  stray: readonly number[]
  /** Words that say little. */
  faint: readonly number[]
  /** What is denied in it. */
  denied: readonly number[]
}
