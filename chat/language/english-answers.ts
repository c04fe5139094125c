/** What is told in English of what was found, planned or done. */
import type { Answers } from './language.ts'

/** `phoneNumbers` as words: fields of the graph are named in English. */
const spaced = (field: string): string =>
  field.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)

const listed = new Intl.ListFormat('en', { style: 'long', type: 'conjunction' })
const digits = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 })

export const ANSWERS: Answers = {
  onlyPlanned: 'Only what was planned can be confirmed. Say what you want, and confirm its plan.',
  planned: (description) => `${description} Nothing is done yet: confirm the plan, and exactly this is done.`,
  done: (description) => `Done. ${description}`,
  nothing: 'Nothing of the kind was found, or you may not see it.',
  money: ({ amount, currency }) => `${digits.format(amount as `${number}`)} ${currency}`,
  list: ({ field, count, isMore, open, worth }) => {
    const many = `${isMore ? 'at least ' : ''}${count === 0 ? 'no' : count}`
    const state = open === undefined ? '' : open ? 'open ' : 'closed '
    const noun = count === 1 ? spaced(field).replace(/ies$/, 'y').replace(/s$/, '') : spaced(field)
    const sums = count > 0 && worth.length > 0 ? ` worth ${listed.format(worth)}` : ''
    return `${many} ${state}${noun}${sums}`
  },
  there: (list, isOne) => `There ${isOne ? 'is' : 'are'} ${list}.`,
  has: (called, lists) => `${called} has ${lists.join(', ')}.`,
  value: (field, value) => `${spaced(field)}: ${value}.`,
  score: (field, score) => `${spaced(field)} ${score} of 100`,
  amount: (field, money) => `${spaced(field)} ${money}`,
  about: (called, figure) => (figure === undefined ? `${called}.` : `${called}: ${figure}.`),
}
