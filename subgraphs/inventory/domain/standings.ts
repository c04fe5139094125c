interface Noted {
  type: string
  pending: number
  errors: number
  absent: number
  contested: number
}

/**
 * How the records of each kind stand: of those that are here, what is not noted as anything else is in step. Pure.
 * @param counts how many of each kind are here
 * @param noted what of them is not in step
 */
export const standingsIn = (counts: readonly { type: string; count: number }[], noted: readonly Noted[]) => {
  const kinds = new Set([...counts, ...noted].map(({ type }) => type))
  return [...kinds].sort().map((type) => {
    const total = counts.find((each) => each.type === type)?.count ?? 0
    const found = noted.find((each) => each.type === type)
    const { pending = 0, errors = 0, absent = 0, contested: conflicts = 0 } = found ?? {}
    const synced = Math.max(0, total - pending - errors)
    return { type, total, synced, pending, errors: errors + absent, conflicts }
  })
}
