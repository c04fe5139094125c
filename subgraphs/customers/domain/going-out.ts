import { type Granted, isOn } from './features.ts'
import { allows, type Direction } from './settings.ts'

/** Whether the hub writes into a portal at all. A pause does not matter: what changes meanwhile goes out when it ends. */
export const goesOut = (row: Granted & { direction: Direction; disconnected_at: Date | null }): boolean =>
  row.disconnected_at === null && allows(row.direction, 'OUT') && isOn(row, 'WRITE')
