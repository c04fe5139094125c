import type { SyncRun } from '#schema/events.ts'

export type SyncRunRow = SyncRun

/** The last state of each thing: events carry states, so of several about one thing only the last counts. */
export const lastOf = <T>(states: readonly T[], idOf: (state: T) => string): T[] => [
  ...new Map(states.map((state) => [idOf(state), state])).values(),
]
