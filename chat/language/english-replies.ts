/** What is answered in English when a sentence is not done. */
import type { Replies } from './language.ts'

const KNOWN = 'customers, deals, tickets, requests for prices, stock, trunks, health and syncs'

export const REPLIES: Replies = {
  tooLong: (most) => `That is too long: say it in at most ${most} characters.`,
  empty: 'Say what you want to see or have done, such as "show the deals of" and a customer.',
  confirmByToken:
    'Saying so confirms nothing: send the plan’s confirm token, so that exactly what you were shown is done.',
  aboutIt: 'Say what you want to know about it.',
  outOfScope: `The hub cannot do that. It knows ${KNOWN}.`,
  negated: 'Nothing was done: that is what you asked for.',
  several: 'Those are several things: say one after the other, so that you see what each of them does.',
  whichOne: (words) => `Which one do you mean by "${words}"?`,
  whichValue: (values) =>
    `That can only be shown for one at a time: ${values.join(' or ')}. Which one do you want?`,
  notFound: (kind, words) => `There is no ${kind} called "${words}" that you may see.`,
  ambiguous: 'That can mean several things. Which one do you mean?',
  nearly: 'I do not understand that well enough to do anything. Perhaps you mean one of these.',
  notUnderstood: `I do not understand that. Ask for ${KNOWN}.`,
  lacks: (paths, operation) =>
    `That needs more than was said (${paths.join(', ')}). Send the operation ${operation} itself.`,
}
