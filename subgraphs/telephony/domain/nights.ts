import type { Clock } from '#kernel/clock.ts'

/** Whose night it is: what is done once a day of an organisation is over. */
export interface Night {
  orgId: string
  clock: Clock
}

/** Who does what is done by the clock. */
export const CLOCK = { kind: 'system', id: 'system:clock' } as const
