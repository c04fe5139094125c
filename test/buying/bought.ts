import { knownAt } from '#subgraphs/insights/domain/facts.ts'
import { findAll, type Values } from '#subgraphs/insights/domain/findings.ts'
import { health } from '#subgraphs/insights/domain/health.ts'
import type { Models } from '#subgraphs/insights/domain/models.ts'
import { HUB_SETTINGS } from '#subgraphs/insights/domain/settings.ts'
import type { OrderLine, Signal } from '#subgraphs/insights/domain/signal.ts'
import { ago, fact, NOW } from '#test/insights/facts.ts'

/** An order so many days ago. */
export const order = (days: number, amount: number | null = 100, says: Partial<Signal> = {}): Signal =>
  fact('order', {
    amount,
    unit: amount === null ? null : 'USD',
    label: 'SALE',
    happenedAt: ago(days),
    ...says,
  })

/** A deal won so many days ago. */
export const won = (days: number, amount = 100, says: Partial<Signal> = {}): Signal =>
  fact('deal', { amount, unit: 'USD', label: 'won', happenedAt: ago(days + 30), endedAt: ago(days), ...says })

/** A line of an order. */
export const line = (category: string, amount: string): OrderLine => ({
  ...{ category, family: null, manufacturer: 'Acme', quantity: 1, amount },
})

/** What all methods find of a customer, and when time alone makes one of them find something else. */
export const findingsOf = (
  signals: readonly Signal[],
  models: Partial<Models> = {},
  asOf = NOW,
): { values: Values; dueAt: Date | null } => {
  const known = knownAt(signals, asOf)
  return findAll(
    known,
    { settings: HUB_SETTINGS, models, health: health(known, HUB_SETTINGS.health) },
    undefined,
  )
}
