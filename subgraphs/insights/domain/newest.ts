/** The newest of each key, whatever order they came in; of equals the one that came last. */
export const newest = <T>(rows: readonly T[], key: (row: T) => string, age: (row: T) => number): T[] => {
  const found = new Map<string, T>()
  for (const row of rows) {
    const held = found.get(key(row))
    if (held === undefined || age(held) <= age(row)) found.set(key(row), row)
  }
  return [...found.values()]
}
