import { type Direction, type Frequency, flawInKeeping, type KeepingFlaw } from '#schema/events.ts'

/** Kinds of record that can be paused by themselves, as C3 names them. */
export const PAUSABLE: readonly string[] = ['customers', 'inventory', 'rfqs', 'suppliers', 'transactions']

/** How a connection is kept in step, as it is changed. */
export interface Settings {
  name: string
  direction: Direction
  frequency: Frequency
  /** What is done each night. */
  nightly: 'FULL' | 'RECONCILE'
  /** Of a hundred records of a kind, how many a sync may delete or change before somebody has to let it go on. */
  deletePercent: number
  changePercent: number
}

/** A connection's settings as its row has them. */
export type HeldSettings = Settings

export const settingsOf = (row: HeldSettings): Settings => {
  const { name, direction, frequency, nightly, deletePercent, changePercent } = row
  return { name, direction, frequency, nightly, deletePercent, changePercent }
}

/** A change as somebody asks for it: null is the same as left out. */
export type AskedSettings = { [key in keyof Settings]?: Settings[key] | null }

/** @returns the change, cleaned; or what is wrong with it */
export const readSettings = (asked: AskedSettings): Partial<Settings> | KeepingFlaw => {
  const given = Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== null && value !== undefined),
  ) as Partial<Settings>
  if (given.name !== undefined) given.name = given.name.trim()
  return flawInKeeping(given) ?? given
}

/** Whether a change says something that was not so. */
export const isChange = (before: Settings, change: Partial<Settings>): boolean =>
  Object.entries(change).some(([key, value]) => value !== before[key as keyof Settings])
