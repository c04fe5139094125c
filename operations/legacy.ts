/** When routes of earlier products and versions became so, and until when they are answered: docs/rest.md tells partners. */
export const LEGACY_SINCE = '2026-11-22T00:00:00Z'
export const LEGACY_UNTIL = '2028-12-31T00:00:00Z'
