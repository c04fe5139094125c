/** Ways in which portals write days and moments as text. */
export const DATE_FORMATS = [
  'ISO',
  'YYYY-MM-DD',
  'DD.MM.YYYY',
  'DD/MM/YYYY',
  'MM/DD/YYYY',
  'EPOCH_MS',
  'EPOCH_S',
] as const
export type DateFormat = (typeof DATE_FORMATS)[number]

type Part = 'year' | 'month' | 'day'
const WRITTEN: Partial<Record<DateFormat, { parts: readonly Part[]; separator: string }>> = {
  'YYYY-MM-DD': { parts: ['year', 'month', 'day'], separator: '-' },
  'DD.MM.YYYY': { parts: ['day', 'month', 'year'], separator: '.' },
  'DD/MM/YYYY': { parts: ['day', 'month', 'year'], separator: '/' },
  'MM/DD/YYYY': { parts: ['month', 'day', 'year'], separator: '/' },
}

const two = (n: number): string => String(n).padStart(2, '0')

const isSane = (at: Date): boolean => at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999

/** Reads a day or moment. @returns a day as YYYY-MM-DD, a moment as ISO 8601 in UTC; null when the text is not of the format */
export const parseDate = (text: string, format: DateFormat): string | null => {
  const written = WRITTEN[format]
  if (!written) {
    if (format !== 'ISO' && !/^-?\d{1,15}$/.test(text)) return null
    const at = new Date(format === 'ISO' ? text : format === 'EPOCH_MS' ? Number(text) : Number(text) * 1000)
    return isSane(at) ? at.toISOString() : null
  }
  const numbers = text
    .split(written.separator)
    .map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : Number.NaN))
  if (numbers.length !== 3 || numbers.some(Number.isNaN)) return null
  const of = (part: Part): number => numbers[written.parts.indexOf(part)] ?? Number.NaN
  const [year, month, day] = [of('year'), of('month'), of('day')]
  if (year < 1000) return null
  const at = new Date(Date.UTC(year, month - 1, day))
  // 31 February becomes a day of March: that is no day.
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? at.toISOString().slice(0, 10) : null
}

/** Writes a day or moment as the portal does. @returns null when the text is neither */
export const formatDate = (text: string, format: DateFormat): string | null => {
  const at = new Date(text)
  if (!isSane(at)) return null
  if (format === 'ISO') return at.toISOString()
  if (format === 'EPOCH_MS') return String(at.getTime())
  if (format === 'EPOCH_S') return String(Math.floor(at.getTime() / 1000))
  const written = WRITTEN[format]
  const value: Record<Part, string> = {
    year: String(at.getUTCFullYear()).padStart(4, '0'),
    month: two(at.getUTCMonth() + 1),
    day: two(at.getUTCDate()),
  }
  return written ? written.parts.map((part) => value[part]).join(written.separator) : null
}
