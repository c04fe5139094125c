import DataLoader from 'dataloader'
import { isId } from '#kernel/ids.ts'

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

/** Rows by what is asked for. */
export const keyed = <K, T>(rows: readonly T[], keyOf: (row: T) => K): Map<K, T> =>
  new Map(rows.map((row) => [keyOf(row), row]))

/** Makes a loader by our own ids. Only what can be one reaches the database: a stranger's text would be an error there. */
export const idLoader = <V>(
  batch: (ids: readonly string[]) => Promise<ReadonlyMap<string, V>>,
): Loader<string, V, void> =>
  loader(async (ids) => {
    const sound = ids.filter(isId)
    return sound.length === 0 ? new Map() : await batch(sound)
  })

/** Several ids as one key of a loader by owners. */
export const ownerOf = (ids: readonly string[]): string => [...ids].sort().join(' ')

/**
 * Makes a loader by owners (see `ownerOf`), so that the owners of one request are answered together.
 * @param batch gets the ids of each owner, and answers in their order
 */
export const ownerLoader = <V, A = void>(
  batch: (owners: readonly string[][], args: A) => Promise<readonly V[]>,
): Loader<string, V, A> =>
  loader(async (owners, args) => {
    const found = await batch(
      owners.map((owner) => (owner === '' ? [] : owner.split(' '))),
      args,
    )
    return new Map(found.map((value, n) => [owners[n] ?? '', value]))
  })

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
