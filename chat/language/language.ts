import type { Tells } from '../telling.ts'
import type { Around, Span } from '../times.ts'

/** Forms by which a language says whether something is asked, wished, denied or told. Words are in small letters. */
export interface Forms {
  /** Stems of words that wish to see something. */
  showing: ReadonlySet<string>
  /** A statement that wishes: `needs to be`. */
  demand: RegExp
  /** What a deed that was done looks like: it is told, not wished. */
  done: RegExp
  /** What several deeds look like: things, and no wish. */
  many: RegExp
  /** What a deed looks like that somebody is to have done. */
  underWay: RegExp
  /** Words that begin a question whether something is so. */
  whether: ReadonlySet<string>
  /** Words that ask or wish: `do you`, `do a`. */
  wishing: ReadonlySet<string>
  /** Those of them by which somebody has something done. */
  having: ReadonlySet<string>
  /** Words that begin a thing: before them the former wish. */
  beforeThings: ReadonlySet<string>
  /** How a sentence begins that forbids. */
  forbidding: RegExp
  /** Negations of a thing, not of a deed. */
  excepting: ReadonlySet<string>
  /** Words between a negation and what was not done: `not yet paid`. */
  untilNow: ReadonlySet<string>
  /** Negations that forbid nothing by themselves. */
  harmless: ReadonlySet<string>
  /** The stem that both opens a thing and says that it is open. */
  opening: string
  /** Words behind it when it opens one. */
  beforeOpened: ReadonlySet<string>
  /** Stems that only say that something is chosen. */
  choosing: ReadonlySet<string>
  /** Words that names hold in small letters. */
  inNames: ReadonlySet<string>
  /** Words between a preposition and a name. */
  beforeNames: ReadonlySet<string>
  /** Words that are no names, however they are written. */
  nameless: ReadonlySet<string>
  /** Stems of words for a customer that also name a billing account. */
  eitherAccount: ReadonlySet<string>
}

/** What is answered when a sentence is not done, and why it is not. */
export interface Replies {
  tooLong(most: number): string
  empty: string
  confirmByToken: string
  aboutIt: string
  outOfScope: string
  negated: string
  several: string
  whichOne(words: string): string
  /** Asks which of several values, that can only be had one at a time, is meant. */
  whichValue(values: readonly string[]): string
  notFound(kind: string, words: string): string
  ambiguous: string
  nearly: string
  notUnderstood: string
  lacks(paths: readonly string[], operation: string): string
}

/** A list as it is told of. */
export interface ToldList {
  /** The field of the graph that holds it. */
  field: string
  count: number
  /** There are more than were counted. */
  isMore: boolean
  /** Only open ones, or only closed ones; undefined: both. */
  open: boolean | undefined
  /** What they are worth together, by currency. */
  worth: readonly string[]
}

/** What is told of what was found, planned or done. */
export interface Answers {
  onlyPlanned: string
  planned(description: string): string
  done(description: string): string
  nothing: string
  /** Exactly: the digits of the amount are what is shown. */
  money(money: { amount: string; currency: string }): string
  list(list: ToldList): string
  /** How many there are of what was asked for. */
  there(list: string, isOne: boolean): string
  /** What something that has a name has. */
  has(called: string, lists: readonly string[]): string
  value(field: string, value: string): string
  /** A score, from 0 to 100. */
  score(field: string, score: string | number): string
  amount(field: string, money: string): string
  about(called: string, figure: string | undefined): string
}

/** What a language brings along. Lists of words are written with commas; a word stands for all of its forms. */
export interface Language {
  /** The form that stands for all forms of a word, in small letters. */
  stem(word: string): string
  /** The span of time that a sentence names; undefined when it names none. */
  spanIn(text: string, around: Around): Span | undefined
  forms: Forms
  replies: Replies
  answers: Answers
  /** What is written short, and how it is written in full. */
  contractions: readonly (readonly [RegExp, string])[]
  /** Things and deeds, each with the words for it. Longer phrases win. */
  concepts: Readonly<Record<string, string>>
  /** The concepts that are deeds which change something. */
  deeds: readonly string[]
  /** What a thing is called whose name is given, by kind of slot: it says nothing beside the name. */
  heads: Readonly<Record<string, readonly string[]>>
  /** Kinds that are called by nothing but their id: it is taken as it is said. */
  idOnly: readonly string[]
  /** How a missing thing is asked for, by kind of slot. */
  asks: Readonly<Record<string, string>>
  /** Words such as `the`. */
  articles: readonly string[]
  /** Words that change nothing about what is meant. */
  fillers: string
  /** Words that say little by themselves: a few of them beside a name are not yet a wish. */
  faint: string
  /** Words that time is counted in. */
  units: string
  /** Words that may stand between the words of a phrase. */
  between: string
  /** Phrases that mean nothing, though their words would by themselves: `set up`, `right now`. */
  idle: string
  /** Words that are no slips of typing, and mean nothing here. */
  ordinary: string
  /** Words that introduce a wish, and mean nothing else. */
  openers: string
  /** Words that begin a wish which no part of the hub fulfils. */
  foreignDeeds: string
  /** Words that begin a wish to pass something on to whoever is named right behind them. */
  messages: string
  /** Words about what no part of the hub does. */
  foreign: string
  /** Words for the values of enums: `Type.VALUE`. Others go by their own name. */
  values: Readonly<Record<string, string>>
  /** Words for yes and no of a place, by the last part of its path; and for deeds that were not done where it is yes: `not answered`. */
  booleans: Readonly<Record<string, { yes: string; no: string; undone?: string }>>
  /** How values are told in so many words. */
  tells: Tells
  /** The value of an enum that is meant where another is said not to be: `not quoted`. Both as `Type.VALUE`. */
  opposites: Readonly<Record<string, string>>
  /** Words for what is compared with a number, by part of the path. */
  measures: Readonly<Record<string, string>>
  /** Words before a name. */
  prepositions: string
  /** Words after which a sentence that ends there lacks a name. */
  breaksOff: string
  /** Words that begin a question. */
  questions: string
  /** Words that say that something is not, or is not to be. */
  negations: string
  /** Words that join two wishes. */
  joins: string
  /** Words between the parts of a list. */
  listing: string
  /** Words for what was spoken of before. */
  anaphora: string
  /** Those of them that always point at something: nothing said before, nothing meant. */
  strongAnaphora: string
  /** Words that stand for whom the same sentence goes on to speak of. */
  antecedents: string
  /** Words that begin what goes on from before. */
  continuations: string
  /** Words that agree, without saying to what. */
  agreements: string
  /** Things that lie ahead: a month that is named with them is one to come. */
  ahead: readonly string[]
  numbers: Readonly<Record<string, number>>
  ordinals: Readonly<Record<string, number>>
  currencies: Readonly<Record<string, string>>
  atLeast: string
  below: string
  /** Words before a number of how many are wanted. */
  tops: string
  /** Words that wish a list to be in an order: they go with what it is ordered by. */
  ordering: string
  /** Words before what a list is ordered by. */
  orderedBy: string
}

/** What a word stands for. Words such as `constructor`, which every object knows something by, stand for nothing. */
export const meaningIn = <T>(words: Readonly<Record<string, T>>, word: string): T | undefined =>
  Object.hasOwn(words, word) ? words[word] : undefined

/** A list of words as the language files write it. */
export const listed = (words: string): string[] =>
  words
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
