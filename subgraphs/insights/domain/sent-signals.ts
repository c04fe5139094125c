/** What other platforms send: facts of the kinds that may be sent, read one by one and taken, or refused with a code and a sentence. */
import { z } from 'zod'
import { withoutPersons } from '#kernel/mask.ts'
import { plainDomain } from './domains.ts'
import {
  kindOf,
  type Sending,
  type SeriesKind,
  type SignalKind,
  SOURCE_SYSTEMS,
  type SourceSystem,
} from './kinds.ts'
import { firstMonthKept } from './months.ts'
import type { AccountSystem, Details } from './signal.ts'

export const REFUSAL_CODES = [
  ...(['MALFORMED', 'UNKNOWN_KIND', 'WRONG_SYSTEM', 'WRONG_AMOUNT', 'WRONG_UNIT', 'WRONG_LABEL'] as const),
  ...(['IN_THE_FUTURE', 'TOO_OLD', 'PERSONAL_DATA', 'UNKNOWN_ACCOUNT', 'AMBIGUOUS_ACCOUNT'] as const),
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

/** Why a fact was not taken; the sentence quotes nothing of it. */
export interface SentRefusal {
  code: RefusalCode
  message: string
}

/** Whom a fact was sent about. */
export type NamedAccount = { system: AccountSystem; accountId: string } | { domain: string }

interface Sent {
  system: SourceSystem
  account: NamedAccount
  observedAt: Date
}

/** A fact of a record; `said` null when the record is gone. */
export interface SentRecord extends Sent {
  kind: SignalKind
  recordId: string
  said: {
    amount: number | null
    unit: string | null
    label: string | null
    happenedAt: Date
    details?: Details
  } | null
}

/** A number of a day; null when it is taken back. */
export interface SentDay extends Sent {
  kind: SeriesKind
  day: string
  amount: number | null
  unit: string
}

export const isDay = (sent: SentRecord | SentDay): sent is SentDay => 'day' in sent

/** Clocks of platforms may be ahead of ours by so much. */
const AHEAD_MS = 15 * 60_000
/** What happened longer ago says nothing of how a customer is doing. */
const YEARS_KEPT = 5
const LONGEST_RECORD = 100
const LONGEST_TEXT = 300
const MOST_DIGITS = 15

const instant = z.union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))])
const decimal = z
  .union([z.string().regex(/^-?\d{1,15}(\.\d{1,6})?$/), z.number().transform(String)])
  .transform(Number)
  .refine((amount) => Math.abs(amount) < 10 ** MOST_DIGITS)

const shape = z.object({
  system: z.enum(SOURCE_SYSTEMS),
  kind: z.string().max(50),
  record: z.string().trim().min(1).max(LONGEST_RECORD).nullish(),
  account: z.object({
    system: z.enum(['HUBSPOT', 'C3', 'WARP']).nullish(),
    id: z.string().min(1).max(100).nullish(),
    domain: z.string().min(1).max(253).nullish(),
  }),
  amount: decimal.nullish(),
  unit: z.string().max(20).nullish(),
  label: z.string().max(50).nullish(),
  happenedAt: instant.nullish(),
  day: z.iso.date().nullish(),
  text: z.string().max(LONGEST_TEXT).nullish(),
  observedAt: instant,
  withdrawn: z.boolean().nullish(),
})
type Shaped = z.infer<typeof shape>

/** A refusal, thrown while a fact is read and caught where it was begun. */
class Refused extends Error {
  readonly code: RefusalCode
  constructor(code: RefusalCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Reads one fact as a platform or a program sent it.
 * @param told an object like the graph's `SignalInput`, with instants as text or as dates
 * @returns the fact, or why it cannot be taken
 */
export const readSent = (told: unknown, now: Date): SentRecord | SentDay | SentRefusal => {
  try {
    return fact(shaped(told), now)
  } catch (error) {
    if (error instanceof Refused) return { code: error.code, message: error.message }
    throw error
  }
}

export const isSentRefusal = (sent: SentRecord | SentDay | SentRefusal): sent is SentRefusal => 'code' in sent

const shaped = (told: unknown): Shaped => {
  const read = shape.safeParse(told)
  if (read.success) return read.data
  const path = read.error.issues[0]?.path.join('.')
  throw new Refused(
    'MALFORMED',
    path ? `${path} is missing, or not what it has to be.` : 'It is no object with the parts of a fact.',
  )
}

const fact = (told: Shaped, now: Date): SentRecord | SentDay => {
  const kind = kindOf(told.kind)
  if (!kind?.sending)
    throw new Refused('UNKNOWN_KIND', 'kind is none that can be sent; insightsSettings lists them.')
  if (!kind.systems.includes(told.system))
    throw new Refused('WRONG_SYSTEM', `Facts of this kind are said by ${kind.systems.join(' or ')}.`)
  if (told.observedAt.getTime() > now.getTime() + AHEAD_MS)
    throw new Refused('IN_THE_FUTURE', 'observedAt lies in the future.')
  const sent = { system: told.system, account: accountOf(told.account), observedAt: told.observedAt }
  const amount = told.withdrawn ? null : amountOf(told, kind.sending)
  if (kind.shape === 'DAILY') {
    const unit = kind.sending.units[0]!
    return { ...sent, kind: told.kind as SeriesKind, day: dayOf(told, now), amount, unit }
  }
  const { record } = told
  if (!record) throw new Refused('MALFORMED', 'record is missing: by it a fact counts once.')
  clean(record, 'record')
  const its = { ...sent, kind: told.kind as SignalKind, recordId: record }
  if (told.withdrawn) return { ...its, said: null }
  const [label, text, happenedAt] = [
    labelOf(told, kind.sending),
    textOf(told, kind.sending),
    momentOf(told, now),
  ]
  const unit = amount === null ? null : told.unit!
  return { ...its, said: { amount, unit, label, happenedAt, ...(text ? { details: { text } } : {}) } }
}

const accountOf = ({ system, id, domain }: Shaped['account']): NamedAccount => {
  if (system && id && !domain) return { system, accountId: id }
  if (domain && !system && !id) return { domain: plainDomain(domain) }
  throw new Refused('MALFORMED', 'account must have system and id, or domain alone.')
}

const amountOf = ({ amount, unit }: Shaped, { amount: bounds, units }: Sending): number | null => {
  if (!bounds || amount === null || amount === undefined) {
    if (bounds && !bounds.isOptional) throw new Refused('WRONG_AMOUNT', 'amount is missing.')
    if (!bounds && amount !== null && amount !== undefined)
      throw new Refused('WRONG_AMOUNT', 'Facts of this kind have no amount.')
    return null
  }
  if (amount < bounds.least || amount > bounds.most)
    throw new Refused('WRONG_AMOUNT', `amount must be from ${bounds.least} to ${bounds.most}.`)
  const fits = units.includes('CURRENCY') ? /^[A-Z]{3}$/.test(unit ?? '') : units.includes(unit ?? '')
  if (fits) return amount
  const asked = units.includes('CURRENCY') ? 'a currency of three capital letters' : units.join(' or ')
  throw new Refused('WRONG_UNIT', `unit must be ${asked}.`)
}

const labelOf = ({ label }: Shaped, { labels }: Sending): string | null => {
  if (!labels) {
    if (label) throw new Refused('WRONG_LABEL', 'Facts of this kind have no label.')
    return null
  }
  if (label && labels.includes(label)) return label
  throw new Refused('WRONG_LABEL', `label must be one of ${labels.join(', ')}.`)
}

// Whatever is no letter, sign or space of one line could dress up as something else where it is shown.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

const textOf = ({ text }: Shaped, { hasText }: Sending): string | null => {
  if (!text) return null
  if (!hasText) throw new Refused('MALFORMED', 'Facts of this kind have no text.')
  clean(text, 'text')
  return text.replaceAll(UNSEEN, ' ').trim()
}

const clean = (text: string, field: string): void => {
  if (withoutPersons(text) !== text)
    throw new Refused('PERSONAL_DATA', `${field} holds a mail address, a telephone number or a secret.`)
}

const momentOf = ({ happenedAt, observedAt }: Shaped, now: Date): Date => {
  const at = happenedAt ?? observedAt
  if (at.getTime() > now.getTime() + AHEAD_MS)
    throw new Refused('IN_THE_FUTURE', 'happenedAt lies in the future.')
  const first = new Date(now)
  first.setUTCFullYear(first.getUTCFullYear() - YEARS_KEPT)
  if (at < first) throw new Refused('TOO_OLD', `happenedAt is more than ${YEARS_KEPT} years ago.`)
  return at
}

const dayOf = ({ day, record }: Shaped, now: Date): string => {
  if (!day) throw new Refused('MALFORMED', 'day is missing: the kind comes day by day.')
  if (record) throw new Refused('MALFORMED', 'record must be left out: the day says which one it is.')
  // Somewhere it is tomorrow already.
  const tomorrow = new Date(now.getTime() + 86_400_000).toISOString().slice(0, 10)
  if (day > tomorrow) throw new Refused('IN_THE_FUTURE', 'day lies in the future.')
  const first = firstMonthKept(now)
  if (day < first) throw new Refused('TOO_OLD', `day is before ${first}, from which on days are kept.`)
  return day
}
