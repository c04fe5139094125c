import { createHash } from 'node:crypto'
import type { Contest, Verdict } from './policy.ts'
import type { FieldValue, Values } from './values.ts'

/** A record that the hub does not hold yet. */
export interface Create {
  externalId: string
  localId: string
  values: Values
  modifiedAt: Date | undefined
  /** What both sides agree on: nothing yet, when it is only here. Left out: its values. */
  base?: Values
}

/** What a field was in the hub and what it becomes. */
export type Diff = Readonly<Record<string, { from: FieldValue; to: FieldValue }>>

/** A record that the hub holds and that changes, or that was gone and is back (`restored`). */
export interface Update {
  externalId: string
  localId: string
  diff: Diff
  /** All values after the change. */
  values: Values
  /** The values that both sides have agreed on after the change; undefined when they are `values`. */
  base: Values | undefined
  modifiedAt: Date | undefined
  restored: boolean
  /** The id it was known by before the source merged it into this one. */
  formerId?: string
  /** When it was changed here, by our clock; left out when the source changed it. */
  changedHereAt?: Date
}

/** A record that the source no longer has, that no longer takes part, or that somebody deleted here. */
export interface Gone {
  externalId: string
  localId: string
  reason: 'archived' | 'missing' | 'merged' | 'excluded' | 'deleted'
  /** Merged: the record that took its place there, and ours. */
  survivorId?: string
  survivorLocalId?: string
}

/** A field that both sides changed, and what was decided. */
export interface Decision extends Contest, Omit<Verdict, 'value'> {
  externalId: string
  localId: string
  field: string
  /** It was open before: only what the sides say is news. */
  isKnown: boolean
}

/** A field that was open, and about which both sides say the same now. */
export interface Closed {
  localId: string
  field: string
}

/** Fields that only the hub changed, for the other direction. */
export interface Push {
  externalId: string
  localId: string
  fields: Values
}

/** Everything that comparing found out, and nothing that was done about it yet. */
export interface Plan {
  type: string
  creates: Create[]
  updates: Update[]
  /** External ids of records that are equal, or older than what the hub has. */
  unchanged: string[]
  gone: Gone[]
  decisions: Decision[]
  closed: Closed[]
  pushes: Push[]
  /** External ids of records whose links were settled by somebody else after they were asked for: they are read again. */
  again: string[]
  /** Requests that executing it takes at the source. */
  apiCalls: number
}

export const emptyPlan = (type: string): Plan => ({
  type,
  creates: [],
  updates: [],
  unchanged: [],
  gone: [],
  decisions: [],
  closed: [],
  pushes: [],
  again: [],
  apiCalls: 0,
})

/** The same text for the same content, in whatever order its names are: what somebody approves, and what is compared before it is done. */
export const contentHash = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content, sorted)).digest('hex')

const sorted = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
