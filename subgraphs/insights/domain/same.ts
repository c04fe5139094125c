type Document = Readonly<Record<string, unknown>>

/**
 * Whether two documents are kept as the same JSON, whatever the order of their names: what is undefined is absent, and a zero has no sign.
 * Written to be quick: every judgement ends with it, and mostly nothing is new.
 */
export const isSame = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((each, i) => isSame(each, b[i]))
  return !Array.isArray(b) && holdsSame(a as Document, b as Document)
}

const holdsSame = (a: Document, b: Document): boolean => {
  let more = 0
  for (const name of Object.keys(a)) {
    if (a[name] === undefined) continue
    if (!isSame(a[name], b[name])) return false
    more++
  }
  for (const name of Object.keys(b)) if (b[name] !== undefined) more--
  return more === 0
}
