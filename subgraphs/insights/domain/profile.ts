import type { ProfileFields } from '#schema/events.ts'
import type { DimensionScore } from './health.ts'
import type { DimensionName } from './metrics.ts'

/**
 * What is thought of a customer beyond its health, as far as it can be said: how well it pays, and how alive the relationship is. They
 * are sides of its health, told under the names that HubSpot's companies have for them.
 */
const FIELDS: Partial<Record<DimensionName, 'financialScore' | 'engagementScore'>> = {
  PAYMENT: 'financialScore',
  CRM: 'engagementScore',
}

/** The sides that stand elsewhere than they did. What was never known has not moved. */
export const movedSides = (
  before: readonly DimensionScore[],
  after: readonly DimensionScore[],
): DimensionScore[] => {
  const was = new Map(before.map(({ name, score }) => [name, score]))
  return after.filter(({ name, score }) => (was.get(name) ?? null) !== score)
}

/** What they say of a customer; undefined when that is nothing. */
export const profileOf = (sides: readonly DimensionScore[], at: Date): ProfileFields | undefined => {
  const asOf = at.toISOString()
  const said = sides.flatMap(({ name, score, confidence = 0 }) => {
    const field = FIELDS[name]
    const value = score === null ? null : score.toFixed(2)
    return field ? [[field, { value, confidence: confidence.toFixed(2), asOf }] as const] : []
  })
  return said.length > 0 ? Object.fromEntries(said) : undefined
}
