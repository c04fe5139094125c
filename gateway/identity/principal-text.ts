import type { Principal } from '#kernel/principal.ts'

const texts = new WeakMap<Principal, string>()

/** Somebody with their rights, whole, as text: two are the same when it is. Made once for each, since none is ever changed. */
export const textOf = (principal: Principal): string => {
  const known = texts.get(principal)
  if (known !== undefined) return known
  const text = JSON.stringify(principal)
  texts.set(principal, text)
  return text
}
