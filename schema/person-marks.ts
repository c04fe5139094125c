/**
 * By what a person who was erased is found in words that others have said, without anybody being told who it is: keyed marks of addresses,
 * numbers and names, as events carry them. Who has the words marks them the same way and compares.
 */
import { z } from 'zod'
import { mentionedIn } from '#kernel/mask.ts'
import type { Vault } from '#kernel/vault.ts'

/**
 * own    marks of addresses and numbers: each of them alone says who it is
 * names  marks of the words of a full name: only all of them together say it
 */
export const personMarks = z.object({ own: z.array(z.string()), names: z.array(z.array(z.string())) })
export type PersonMarks = z.infer<typeof personMarks>

export interface KnownBy {
  emails: readonly string[]
  phones: readonly string[]
  /** Full names. One word alone is nobody's in particular, and is left out. */
  names: readonly string[]
}

const placeOf = (orgId: string): string => `${orgId}:person`
const emailWord = (email: string): string => `email:${email.normalize('NFKC').toLowerCase()}`

// With and without the country's code it is the same number.
const LAST_DIGITS = 10
const phoneWord = (digits: string): string => `phone:${digits.replace(/^0+/, '').slice(-LAST_DIGITS)}`
const SHORTEST_PHONE = 7
const LONGEST_PHONE = 17

const nameWords = (text: string): string[] => [
  ...new Set(
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+/gu)
      ?.map((word) => `name:${word}`),
  ),
]

/** The digits of whatever could be a telephone number, however its groups are parted. */
const phonesIn = (text: string): string[] => {
  const groups = text.match(/\d+/g) ?? []
  return groups.flatMap((_, first) => {
    const found: string[] = []
    let digits = ''
    for (let last = first; last < groups.length && digits.length < LONGEST_PHONE; last++) {
      digits += groups[last]!
      if (digits.length >= SHORTEST_PHONE && digits.length <= LONGEST_PHONE) found.push(digits)
    }
    return found
  })
}

/** The marks of a person, by every key of the ring: whoever has one of them finds what was said. */
export const markPerson = (
  vault: Pick<Vault, 'marks'>,
  orgId: string,
  { emails, phones, names }: KnownBy,
): PersonMarks => ({
  own: vault.marks(
    [...emails.map(emailWord), ...phones.map((phone) => phoneWord(phone.replace(/\D/g, '')))],
    placeOf(orgId),
  ),
  names: names.flatMap((name) => {
    const words = nameWords(name)
    if (words.length < 2) return []
    const marks = vault.marks(words, placeOf(orgId))
    return Array.from({ length: marks.length / words.length }, (_, key) =>
      marks.slice(key * words.length, (key + 1) * words.length),
    )
  }),
})

/** Whether a text speaks of one of these persons: by an address, a number, or all words of a full name. */
export const speaksOf = (
  vault: Pick<Vault, 'marks'>,
  orgId: string,
  text: string,
  persons: readonly PersonMarks[],
): boolean => {
  const words = [
    ...mentionedIn(text).emails.map(emailWord),
    ...phonesIn(text).map(phoneWord),
    ...nameWords(text),
  ]
  const said = new Set(vault.marks([...new Set(words)], placeOf(orgId)))
  return persons.some(
    ({ own, names }) =>
      own.some((mark) => said.has(mark)) || names.some((name) => name.every((mark) => said.has(mark))),
  )
}
