import type { MatchField, MatchRule, WaterfallRow } from './judgement.ts'

const OF_FIELDS: Readonly<Record<Exclude<MatchField, 'RULE'>, Readonly<Record<string, string>>>> = {
  PRIOR: {
    PRIOR: 'Of two accounts that nothing is known of, one in as many as there are is the same customer.',
  },
  NAME: {
    EXACT: 'The names say the same; the rarer their words, the more that tells.',
    WORDS: 'The names say the same, with words cut short or written together.',
    TYPO: 'The names are the same but for a slip of the hand.',
    ONE_SIDED: 'One name has words that the other one leaves out.',
    INITIALS: 'One name is the initials of the other one.',
    PARTLY: 'The names have some words in common, and each has others.',
    UNLIKE: 'The names have nothing telling in common.',
  },
  LEGAL_FORM: {
    MISSING: 'One of them says no legal form.',
    EXACT: 'Both have the same legal form.',
    OPEN: 'The legal forms differ, and one of them is met in every country.',
    SAME_COUNTRY: 'The legal forms differ; one country has both.',
    OTHER_COUNTRY: 'The legal forms are of different countries.',
  },
  DOMAIN: {
    MISSING: 'One of them has no web domain of its own.',
    EXACT: 'Both have the same web domain; the fewer others have it, the more that tells.',
    SHARED_BY_MANY: 'So many accounts have this web domain that it tells nothing.',
    OTHER_ENDING: 'The web domains differ in their ending only.',
    BEGINS_ALIKE: 'One web domain begins like the other one, which tells nothing.',
    DIFFERENT: 'The web domains differ.',
    SAYS_THE_NAME: 'The web domain of the one is the name of the other.',
  },
  PHONE: {
    MISSING: 'One of them has no telephone number.',
    EXACT: 'Both have the same telephone number; the fewer others have it, the more that tells.',
    SHARED_BY_MANY: 'So many accounts have this telephone number that it tells nothing.',
    DIFFERENT: 'The telephone numbers differ, as those of one business often do.',
  },
  BAN: {
    MISSING: 'One of them names no billing account.',
    EXACT: 'Both name the same billing account.',
    DIFFERENT: 'They name different billing accounts.',
  },
  PLACE: {
    MISSING: 'One of them does not say where it is.',
    EXACT: 'Both are in the same place.',
    DIFFERENT: 'They are in different places.',
    OTHER_COUNTRY: 'They are in different countries.',
  },
}

const OF_RULES: Readonly<Record<MatchRule, string>> = {
  NUMBERS_DIFFER: 'Numbers in their names differ, so they are two.',
  NUMBER_ON_ONE_SIDE: 'Only one name has a number in it: somebody is asked.',
  PART_OF_GROUP: 'One name says which part of a business it is: somebody is asked.',
  WORD_ON_ONE_SIDE: 'One name has a word that the other one leaves out: somebody is asked.',
  WORDS_DIFFER: 'Each name has words that the other one has not: somebody is asked.',
  LEGAL_FORMS_DIFFER: 'Their legal forms are of different countries: somebody is asked.',
  NAME_UNLIKE: 'Their names have nothing telling in common: somebody is asked.',
  DOMAINS_DIFFER: 'Each has a web domain of its own: somebody is asked.',
  PLACES_DIFFER:
    'They are in different places, and nothing but the names says that they are the same: somebody is asked.',
  DESCRIPTIVE_NAME:
    'Many firms may be called by words as common as these, and nothing else says that they are the same: somebody is asked.',
  SLIP_ALONE:
    'Their names differ by a letter, and nothing else says that they are the same: somebody is asked.',
  INITIALS_ALONE:
    'One name is the initials of the other one, as of many others, and nothing else says that they are the same: somebody is asked.',
  SUPPLIER: 'One of them is a supplier and the other one buys: somebody is asked.',
  SAME_SOURCE: 'One system keeps both: it is for its people to merge them.',
}

/** Why a row of a waterfall is as it is, as a sentence. What no sentence is known for, as of an older method, says its level. */
export const reasonOf = ({ field, level }: Pick<WaterfallRow, 'field' | 'level'>): string =>
  (field === 'RULE' ? OF_RULES[level as MatchRule] : OF_FIELDS[field]?.[level]) ?? level
