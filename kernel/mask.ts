/**
 * Cuts out of texts what must not be in them.
 *
 * secret   a payment card's number, an API key, a token: kept nowhere, whoever sends it
 * person   an e-mail address or a telephone number: kept where it belongs, shown in no log and no error
 * marked   a field that is personal by its name: `@pii` in the graph's schema says so, and this file alone reads that list
 */
import marked from '#schema/generated/personal.json' with { type: 'json' }

const FIELDS = new Map(Object.entries(marked.fields))
const ANYWHERE = new Map([...FIELDS].map(([name, kind]) => [name.split('.')[1], kind]))
const plain = (name: string): string => name.replace(/[_-]/g, '').toLowerCase()
const NAMES = new Set(marked.names.map(plain))

/** Whether a name means personal data wherever it stands, however it is written: `firstName`, `first_name`, `firstname`. */
export const isPersonalName = (name: string): boolean => NAMES.has(plain(name))

/** What kind of personal data a field holds, if it does. Without its type it does when a field of the name does in any type. */
export const personalKind = (field: string, type?: string): string | undefined =>
  type === undefined ? ANYWHERE.get(field) : FIELDS.get(`${type}.${field}`)

/** What keys and tokens look like: Stripe-like keys (what 001 calls API keys), HubSpot's, the hub's own, JWTs and others' tokens. */
const KEYS =
  /(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))(?:[srp]k_(?:live|test)_\w+|hub_[\w-]{40,}|pat-[a-z]{2}\d-[\w-]{8,}|gh[pousr]_\w{20,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|Bearer(?:\s|%20)+[\w.~+/-]{12,}=*)/g

/** Ranges of numbers that card networks issue, with the lengths in use: an id of the same length is mostly outside of them. */
const ISSUED = [
  /^4(?:\d{15}|\d{18})$/, // Visa
  /^(?:5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d*$/, // Mastercard, 16 digits
  /^3[47]\d{13}$/, // American Express
  /^(?:6011|65\d\d|64[4-9]\d)\d{12}$/, // Discover
  /^35(?:2[89]|[3-8]\d)\d{12}$/, // JCB
  /^3(?:0[0-5]|[68]\d)\d{11}$/, // Diners
  /^62\d{14,17}$/, // UnionPay
]
const MASTERCARD = 1
const LONGEST_CARD = 19
const SHORTEST_CARD = 14

const isCard = (digits: string): boolean =>
  ISSUED.some((range, n) => range.test(digits) && (n !== MASTERCARD || digits.length === 16)) &&
  checkDigitFits(digits)

// Luhn: every second digit from the right is doubled, its digits added.
const checkDigitFits = (digits: string): boolean => {
  let sum = 0
  for (let n = 0; n < digits.length; n++) {
    const digit = Number(digits[digits.length - 1 - n])
    sum += n % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)
  }
  return sum % 10 === 0
}

// What people put between the groups of a card: spaces of any kind, hyphens and dashes, also as addresses of pages and HTML have them.
const PARTING =
  '(?:[ \\u00a0\\u2000-\\u200b\\u202f\\u2060\\u2010-\\u2015-]|%[0-9A-F]{2}|&nbsp;|&#160;|</?\\w[^<>]{0,30}>){0,5}'
// A plus before it makes it a telephone number; a letter or digit beside it, a part of something longer. `%20` ends before it.
const DIGIT_RUN = new RegExp(
  `(?:(?<![\\w+%]|%[0-9A-F])|(?<=%[0-9A-F]{2}))\\d(?:${PARTING}\\d){13,}(?!\\w)`,
  'gi',
)
const GROUP = new RegExp(`(?<=^|\\d)${PARTING}(\\d)`, 'gi')
// With dots only as cards are printed: versions, addresses of machines and measures have dots too.
const DOTTED = /(?:(?<![\w.+])|(?<=%[0-9A-F]{2}))\d{4}\.(?:\d{4}\.\d{4}\.\d{4}|\d{6}\.\d{4,5})(?!\w|\.\d)/gi

/** The groups of a run of digits, with where they begin and end. */
const groupsOf = (run: string): { from: number; to: number; digits: string }[] => {
  const groups: { from: number; to: number; digits: string }[] = []
  for (const match of run.matchAll(GROUP)) {
    const [all, digit = ''] = match
    const [at, last] = [match.index + all.length - 1, groups.at(-1)]
    if (last && all.length === 1) {
      last.digits += digit
      last.to = at + 1
    } else groups.push({ from: at, to: at + 1, digits: digit })
  }
  return groups
}

/** Where the card ends that begins with a group; undefined when none does. */
const cardFrom = (groups: readonly { digits: string }[], first: number): number | undefined => {
  let digits = ''
  for (let last = first; last < groups.length && digits.length < LONGEST_CARD; last++) {
    digits += groups[last]!.digits
    if (digits.length >= SHORTEST_CARD && digits.length <= LONGEST_CARD && isCard(digits)) return last
  }
  return undefined
}

/** A card's number may be followed by its date: every group of the run may be where it begins or ends. */
const withoutCardsIn = (run: string): string => {
  const groups = groupsOf(run)
  let [left, from] = ['', 0]
  for (let first = 0; first < groups.length; first++) {
    const last = cardFrom(groups, first)
    if (last === undefined) continue
    left += `${run.slice(from, groups[first]!.from)}[card number]`
    from = groups[last]!.to
    first = last
  }
  return left + run.slice(from)
}

const withoutCards = (text: string): string =>
  text
    .replace(DOTTED, (run) => (isCard(run.replaceAll('.', '')) ? '[card number]' : run))
    .replace(DIGIT_RUN, withoutCardsIn)

// As many as a card has at least, near each other.
const MANY_DIGITS = /\d(?:\D{0,9}\d){13}/

/** The text without payment cards' numbers, keys and tokens. Most texts have none, and come back as they are. */
export const withoutSecrets = (text: string): string => {
  const keyless = /[_-]|eyJ|Bearer|AKIA/.test(text) ? text.replace(KEYS, '[key]') : text
  return MANY_DIGITS.test(keyless) ? withoutCards(keyless) : keyless
}

const EMAIL = /[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu
const PHONE = /(?<![\w+])\+\d[\d ().\-/]{5,20}\d/g

/** The e-mail addresses and the international telephone numbers that a text mentions, as they are written. */
export const mentionedIn = (text: string): { emails: string[]; phones: string[] } => ({
  emails: text.includes('@') ? (text.match(EMAIL) ?? []) : [],
  phones: text.includes('+') ? (text.match(PHONE) ?? []) : [],
})

/** The text without secrets, e-mail addresses and telephone numbers: what may stand in logs and errors. */
export const withoutPersons = (text: string): string =>
  withoutSecrets(text).replace(EMAIL, '[email]').replace(PHONE, '[phone]')

/** What graphql-js says about a document or its variables, without the values that it quotes: they are somebody's data. */
export const withoutValues = (message: string): string =>
  withoutPersons(
    message
      .replace(/(cannot represent [\w ,-]*?value)(: .*)/s, '$1.')
      .replace(/ got invalid value (?:.*(; )|.*$)/s, ' cannot be used$1')
      .replace(/(, found ).*$/s, ', found another.')
      .replace(/Value ".*?" does not exist/s, 'The value does not exist'),
  )
