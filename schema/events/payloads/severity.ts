/** How bad something is, and how soon that means it has to be dealt with: one meaning for alerts, tickets and events. */

export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const
export type Severity = (typeof SEVERITIES)[number]

const HOUR_MS = 3_600_000
const DEALT_WITHIN_MS: Readonly<Record<Severity, number>> = {
  CRITICAL: HOUR_MS,
  HIGH: 4 * HOUR_MS,
  MEDIUM: 8 * HOUR_MS,
  LOW: 24 * HOUR_MS,
}

/** Until when somebody has to have dealt with what came up at a moment; later, what was promised is broken. */
export const dueBy = (severity: Severity, since: Date): Date =>
  new Date(since.getTime() + DEALT_WITHIN_MS[severity])
