const NOWHERE = 'http://hub.invalid'
// biome-ignore lint/suspicious/noControlCharactersInRegex: browsers leave such characters out, so that what is behind them counts.
const STRANGE = /[\u0000-\u0020\\]/

/** Where somebody goes after signing in: a place of the hub's own. Whatever would lead elsewhere leads to the first page. */
export const placeOf = (wanted: unknown): string => {
  if (typeof wanted !== 'string' || !wanted.startsWith('/') || STRANGE.test(wanted)) return '/'
  if (!URL.canParse(wanted, NOWHERE)) return '/'
  const { origin, pathname, search, hash } = new URL(wanted, NOWHERE)
  // `/.//elsewhere` is a path of ours until it is read: then it begins with two strokes, which leads to another host.
  return origin === NOWHERE && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/'
}
