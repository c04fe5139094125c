import DataLoader from 'dataloader'

/** Loads by key; the keys asked for in one turn with equal arguments go to the database as one list. */
export interface Loader<K extends string | number, V, A> {
  load(key: K, args: A): Promise<V | null>
  loadMany(keys: readonly K[], args: A): Promise<(V | null)[]>
}

/**
 * Makes a loader for the life of one request: a list of 200 customers asks for its deals in one statement, once for
 * each set of arguments (two aliases with different `first` are two statements).
 * @param batch answers what it found by key; a key it does not answer is null. It gets each key once.
 */
export const loader = <K extends string | number, V, A = void>(
  batch: (keys: readonly K[], args: A) => Promise<ReadonlyMap<K, V>>,
): Loader<K, V, A> => {
  const byArgs = new Map<string, DataLoader<K, V | null>>()
  const of = (args: A): DataLoader<K, V | null> => {
    const name = nameOf(args)
    let found = byArgs.get(name)
    if (!found) {
      found = new DataLoader<K, V | null>(async (keys) => {
        const values = await batch(keys, args)
        return keys.map((key) => values.get(key) ?? null)
      })
      byArgs.set(name, found)
    }
    return found
  }
  return {
    load: (key, args) => of(args).load(key),
    loadMany: (keys, args) => Promise.all(keys.map((key) => of(args).load(key))),
  }
}

/** Makes a loader that remembers nothing: keys that are asked for in one turn go as one list, and the next turn asks anew. */
export const freshLoader = <K extends string | number, V>(
  batch: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): { load(key: K): Promise<V | null> } => {
  const fresh = new DataLoader<K, V | null>(
    async (keys) => {
      const values = await batch([...new Set(keys)])
      return keys.map((key) => values.get(key) ?? null)
    },
    { cache: false },
  )
  return { load: (key) => fresh.load(key) }
}

/** The same text for the same arguments, whatever order their names came in. */
const nameOf = (args: unknown): string =>
  JSON.stringify(args, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  ) ?? ''
