/**
 * intent    an operation that sentences can mean
 * place     one value of its variables that a sentence can give, such as `filter.severity`
 * slot      a place that holds the id of something which sentences call by a name
 * subject   something that was named and found
 * turn      one sentence and what was made of it; the turns so far are what a sentence may refer to
 */

/** One value of an operation's variables. */
export interface Place {
  /** The variable, with dots into what it holds. */
  path: string
  /** The name of its GraphQL type, without list and `!`. */
  type: string
  isList: boolean
  isRequired: boolean
  /** The kind of thing whose name stands for it in sentences. */
  slot?: string
  /** The values of an enum. */
  values?: string[]
  /** What counts when it is left out. */
  fallback?: unknown
  /** No sentence can give it: it is made of several parts. */
  isUnsayable?: boolean
}

/** An operation that sentences can mean. */
export interface Intent {
  name: string
  isChange: boolean
  description: string
  document: string
  /** Sentences that mean it. */
  phrases: string[]
  places: Place[]
  /** What has to be said, though the operation itself could go without it. */
  needs?: Place[]
}

/** Something that a name may stand for. */
export interface Candidate {
  id: string
  /** What it is called. */
  label: string
  /** How near its name is to what was said, from 0 to 1. 1: the same. */
  nearness: number
}

/** Looks up what a name stands for: the nearest first, none when nothing is near. */
export type Find = (kind: string, words: string) => Promise<readonly Candidate[]>

/** Something that was named. */
export interface Subject {
  kind: string
  id: string
  label: string
}

/** What may have been meant. */
export interface Choice {
  label: string
  operation?: string
  variables?: Record<string, unknown>
  subject?: Subject
}

/** One sentence and what was made of it, as later sentences need it. */
export interface Turn {
  said: string
  operation: string | null
  variables: Record<string, unknown>
  subjects: Subject[]
  /** Whether the answer was a question. */
  isAsked: boolean
  /** What was offered, or listed: what "the second one" can mean. */
  choices: Choice[]
}

/** Why a sentence is not done. */
export type Why =
  | 'EMPTY'
  | 'TOO_LONG'
  | 'NOT_UNDERSTOOD'
  | 'OUT_OF_SCOPE'
  | 'NEGATED'
  | 'SEVERAL'
  | 'NOT_FOUND'
  | 'CONFIRM_BY_TOKEN'
  | 'LACKS'
  | 'AMBIGUOUS'

/** What a sentence means. */
export type Meaning =
  | {
      kind: 'OPERATION'
      intent: Intent
      variables: Record<string, unknown>
      subjects: Subject[]
      confidence: number
    }
  | {
      kind: 'QUESTION' | 'REFUSAL'
      why: Why
      sentence: string
      choices: Choice[]
      /** What is kept for an answer to a question. */
      intent?: Intent
      variables?: Record<string, unknown>
      subjects: Subject[]
      confidence: number
    }

export interface Said {
  text: string
  /** When it is said, and the IANA zone whose days and months are meant. */
  now: Date
  timeZone: string
  /** What was said before, the oldest first. */
  turns: readonly Turn[]
  find: Find
}

/** The longest sentence that is read. */
export const LONGEST_SENTENCE = 500
