import type { ConflictConnectionRow, ConflictRow } from '#control/rows.ts'

export type C3ConflictRow = ConflictRow
export type C3ConflictConnectionRow = ConflictConnectionRow
