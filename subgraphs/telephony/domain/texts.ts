/** What people write: bounded, and without what nobody sees or a database refuses, such as NUL and halves of characters. */
const SHOWN = /^[^\p{C}\p{Zl}\p{Zp}]*$/u

/** Whether a text has so many characters, not counting spaces around it for the least, on one line. */
export const isLine = (text: string, least: number, most: number): boolean =>
  text.trim().length >= least && text.length <= most && SHOWN.test(text)

/** The same of a text that may have several lines. */
export const isText = (text: string, least: number, most: number): boolean =>
  text.trim().length >= least && text.length <= most && SHOWN.test(text.replace(/[\n\r\t]/g, ' '))

/** What is wrong with the reason that somebody gives; null when nothing is. */
export const flawInReason = (reason: string): string | null =>
  isText(reason, 1, 500) ? null : 'must have 1 to 500 characters'
