/** A connection as far as naming it goes. */
interface Named {
  id: string
  /** Left out where ended ones are not among them. */
  disconnected_at?: Date | null
}

/**
 * The connection somebody means: the one named, or the only one there is.
 * @returns 'ambiguous' when none is named and there are several; null when there is none
 */
export const chosen = <T extends Named>(rows: readonly T[], id: string | null): T | 'ambiguous' | null => {
  if (id) return rows.find((row) => row.id === id) ?? null
  const live = rows.filter((row) => !row.disconnected_at)
  return live.length > 1 ? 'ambiguous' : (live[0] ?? null)
}
