import type { Log } from '#kernel/log.ts'

/** How far a sender's clock may be off before somebody should know. */
const SKEW_MS = 30_000

/** What happens at the intake of webhooks, told to the log: one line each, with `event` and `count` to count by. */
export const webhookNews = (log: Log) => ({
  refused: (reason: string, receiver: string) =>
    log.warn({ event: 'webhook.refused', reason, receiver, count: 1 }, 'refused a webhook'),
  /** Signed, and stamped by a clock that differs from ours: beyond five minutes all of them would be refused. */
  stamped: (ageMs: number) => {
    if (ageMs < -SKEW_MS || ageMs > SKEW_MS)
      log.warn({ event: 'webhook.skewed', ageMs, count: 1 }, 'the clock of a sender or of the hub is off')
  },
  unreadable: (count: number) =>
    log.warn({ event: 'webhook.unreadable', count }, 'a webhook had entries that are no events'),
  taken: (counts: { fresh: number; duplicates: number; ignored: number }) => {
    const { fresh, duplicates, ignored } = counts
    log.debug({ event: 'webhook.taken', count: fresh, duplicates, ignored }, 'took webhooks')
  },
})
