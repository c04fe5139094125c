import { type Granted, isOn } from './features.ts'
import { type LeavingRules, textThatMayLeave } from './may-leave.ts'
import { type TimelineKind, timelineKind } from './timeline-kinds.ts'

/**
 * WAITING  for its turn, or for its company to have an id at HubSpot
 * SENDING  it may be on the timeline already; sent again it is there once
 * SENT     it is on the timeline
 * NOTED    it is a note of the company, on its way to HubSpot as every note
 * REFUSED  it was given up: there is a dead letter about it
 */
const TIMELINE_STATES = ['WAITING', 'SENDING', 'SENT', 'NOTED', 'REFUSED'] as const
export type TimelineState = (typeof TIMELINE_STATES)[number]
/** What waits to be written is noted under this kind, beside kinds of records. */
export const TIMELINE_TYPE = 'timeline'
export type TimelineWay = 'TIMELINE' | 'NOTE'

/** The values of an event, by its tokens' names. */
export type Tokens = Readonly<Record<string, string>>

/**
 * How a portal is told of events; undefined when it cannot be.
 * @param has whether the hub has the developer's key of its app, and the portal a place for the key of notes that are made there
 */
export const timelineWay = (
  granted: Granted,
  has: { developer: boolean; key: boolean },
): TimelineWay | undefined => {
  if (has.developer && isOn(granted, 'TIMELINE')) return 'TIMELINE'
  return has.key ? 'NOTE' : undefined
}

const LONGEST = 1000

/** What is wrong with the values of an event of a kind, as a sentence; undefined when nothing is. Pure. */
export const flawInTokens = (kind: TimelineKind, tokens: Tokens): string | undefined => {
  const names = kind.tokens.map(({ name }) => name)
  for (const [name, value] of Object.entries(tokens)) {
    const token = kind.tokens.find((each) => each.name === name)
    if (!token) return `${kind.name} has these tokens: ${names.join(', ')}.`
    if (value.length > LONGEST) return `${name} is longer than ${LONGEST} letters.`
    if (token.type === 'number' && (value.trim() === '' || !Number.isFinite(Number(value))))
      return `${name} has to be a number.`
    if (token.type === 'date' && Number.isNaN(Date.parse(value))) return `${name} has to be a date.`
  }
  const missing = names.filter((name) => !tokens[name])
  return missing.length > 0 ? `${kind.name} also needs ${missing.join(', ')}.` : undefined
}

/** Values as they may go to a portal. Pure. */
export const tokensThatMayLeave = (tokens: Tokens, rules: LeavingRules): Tokens =>
  Object.fromEntries(
    Object.entries(tokens).map(([name, value]) => [name, textThatMayLeave(value, rules)] as const),
  )

const filled = (template: string, tokens: Tokens, spell: (text: string) => string): string =>
  template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => spell(tokens[name] ?? ''))

/** What an event says in one line. */
export const headlineOf = (kind: string, tokens: Tokens): string => {
  const known = timelineKind(kind)
  return known ? filled(known.header, tokens, (text) => text) : kind
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter)

/** The same event as the text of a note, which HubSpot takes as HTML. */
export const noteOf = (kind: TimelineKind, tokens: Tokens): string =>
  [kind.header, ...kind.detail.split('\n')].map((line) => filled(line, tokens, escaped)).join('<br>')
