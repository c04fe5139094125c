/** What people write in HubSpot comes as HTML. We keep what they wrote, as text: tags go, line breaks and entities are read. */

/** Longer than HubSpot lets a note be. */
const LONGEST_TEXT = 65_536

/** Elements whose content is not for reading. */
const UNREAD = new Set([
  'script',
  'style',
  'head',
  'title',
  'template',
  'noscript',
  'iframe',
  'object',
  'svg',
])

/** Elements that begin on a line of their own. */
const LINES = new Set(
  'address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul'.split(
    ' ',
  ),
)

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  euro: '€',
  pound: '£',
  copy: '©',
  reg: '®',
  trade: '™',
  bull: '•',
  middot: '·',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
  ntilde: 'ñ',
}

const HIGHEST_POINT = 0x10ffff

const entityOf = (whole: string, name: string): string => {
  if (!name.startsWith('#')) return ENTITIES[name] ?? whole
  const point = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  // Half a surrogate pair, and NUL, are no characters.
  const isCharacter = point > 0 && point <= HIGHEST_POINT && !(point >= 0xd800 && point <= 0xdfff)
  return isCharacter ? String.fromCodePoint(point) : ''
}

const decoded = (text: string): string => text.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});/gi, entityOf)

// Whatever begins ends with it or with the text, so that no text makes this look at anything twice.
const TAG = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-z][a-z0-9-]*)[^>]*(?:>|$)|<[!?][^>]*(?:>|$)/gi

/**
 * The text of a piece of HTML; null when nothing readable is in it. A text that is no HTML stays as it is, but for white space.
 * What comes out is text and is shown as text: it is not made safe to be put into a page.
 */
export const plainText = (html: string | null): string | null => {
  if (html === null) return null
  let text = ''
  let from = 0
  let unread: string | null = null
  const cut = html.slice(0, 4 * LONGEST_TEXT)
  for (const found of cut.matchAll(TAG)) {
    const [whole, closes, name = ''] = found
    const tag = name.toLowerCase()
    if (unread === null) text += cut.slice(from, found.index).replace(/\s+/g, ' ')
    from = found.index + whole.length
    if (unread !== null) unread = closes && tag === unread ? null : unread
    else if (UNREAD.has(tag) && !closes && !whole.endsWith('/>')) unread = tag
    else if (LINES.has(tag)) text += tag === 'li' && !closes ? '\n• ' : '\n'
  }
  if (unread === null) text += from === 0 ? cut : cut.slice(from).replace(/\s+/g, ' ')
  const lines = decoded(text)
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{2,}/g, '\n')
    .trim()
  return lines === '' ? null : lines.slice(0, LONGEST_TEXT).toWellFormed()
}
