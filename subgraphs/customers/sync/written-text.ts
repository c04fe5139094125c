import type { FieldValue } from '#sync/values.ts'

/** A value as HubSpot is told it; null takes it away. */
export const textOf = (value: FieldValue): string | null =>
  value === null ? null : Array.isArray(value) ? value.join(';') : String(value)
