/** An object of an answer, as JSON has it. */
export type Answered = Record<string, unknown>

const isObject = (value: unknown): value is Answered => typeof value === 'object' && value !== null

/** Reads what is the object's own: clients choose names, and may choose `constructor`. */
export const own = (from: Answered, name: string): unknown =>
  Object.hasOwn(from, name) ? from[name] : undefined

const set = (into: Answered, name: string, value: unknown): void => {
  if (name in into && !Object.hasOwn(into, name))
    Object.defineProperty(into, name, { value, configurable: true, enumerable: true, writable: true })
  else into[name] = value
}

/**
 * Takes what a subgraph answered into what is known already: objects grow field by field, lists of one length item by
 * item, anything else is replaced. `into` is changed, and may afterwards share objects with `from`.
 */
export const merge = (into: Answered, from: Answered): void => {
  for (const name of Object.keys(from)) {
    const had = own(into, name)
    const came = from[name]
    if (Array.isArray(came)) {
      if (Array.isArray(had) && had.length === came.length) mergeItems(had, came)
      else set(into, name, came)
    } else if (isObject(came) && isObject(had)) merge(had, came)
    else set(into, name, came)
  }
}

const mergeItems = (into: unknown[], from: readonly unknown[]): void => {
  for (const [at, came] of from.entries()) {
    const had = into[at]
    if (isObject(came) && isObject(had) && !Array.isArray(came) && !Array.isArray(had)) merge(had, came)
    else into[at] = came
  }
}
