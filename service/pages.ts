/**
 * Page after page of a list that is read by a key, until one is empty.
 * @param read the rows behind a key, in its order; behind the empty text from the first on
 * @param keyOf a row's key, unique in the list
 */
export async function* pagesOf<T>(
  read: (after: string) => Promise<readonly T[]>,
  keyOf: (row: T) => string,
): AsyncGenerator<readonly T[]> {
  for (let after = ''; ; ) {
    const page = await read(after)
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    after = keyOf(last)
  }
}
