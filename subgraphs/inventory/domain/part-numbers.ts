/**
 * How part numbers are compared. Customers write them as they come: in small letters, without dashes, with or without what only says how
 * the parts are packed.
 */

/** Makers' letters at the end of a part number that only tell how the parts are packed: on a reel, in a tube, without lead. */
const PACKING = [
  /[-/+#,. ]?(REEL7?|REEL13|T[/&]R|TRPBF|PBF|NOPB)$/,
  /,1[0-9]{2}$/,
  /(?<=[0-9A-Z]{6})[-+]?TR$/,
  /(?<=[0-9A-Z]{6})[-/]T$/,
]

/** Letters and digits alone, in capitals: `STM32F429-zit6` → `STM32F429ZIT6`. */
export const normalNumber = (partNumber: string): string =>
  partNumber.toUpperCase().replaceAll(/[^0-9A-Z]/g, '')

/** The same without what only says how the parts are packed: `LT8609EMSE#TRPBF` → `LT8609EMSE`. */
export const baseNumber = (partNumber: string): string => {
  let left = partNumber.trim().toUpperCase()
  for (const suffix of PACKING) left = left.replace(suffix, '')
  return normalNumber(left)
}

/** A component that a part number may mean. */
export interface Nameable {
  id: string
  partNumber: string
  manufacturer: string
}

/** How a line was understood: exactly, by letters and digits alone, but for the packing, not surely, or not at all. */
export const LINE_MATCHES = ['EXACT', 'NORMALISED', 'PACKING', 'UNSURE', 'NONE'] as const
export type LineMatch = (typeof LINE_MATCHES)[number]

export interface Understood {
  match: LineMatch
  /** What is meant; null when that is not sure. */
  componentId: string | null
}

const sameMaker = (a: string, b: string): boolean => normalNumber(a) === normalNumber(b)

/**
 * What a part number means among components that could be meant. The closest kind of likeness decides; where several are alike in
 * it, the maker does, and where that is not named or does not tell them apart, nobody does.
 * @param known all components with the same number, normal number or base number
 */
export const understand = (
  asked: { partNumber: string; manufacturer: string },
  known: readonly Nameable[],
): Understood => {
  const likenesses: [LineMatch, (component: Nameable) => boolean][] = [
    ['EXACT', ({ partNumber }) => partNumber === asked.partNumber],
    ['NORMALISED', ({ partNumber }) => normalNumber(partNumber) === normalNumber(asked.partNumber)],
    ['PACKING', ({ partNumber }) => baseNumber(partNumber) === baseNumber(asked.partNumber)],
  ]
  for (const [match, isAlike] of likenesses) {
    const alike = known.filter(isAlike)
    const own = asked.manufacturer
      ? alike.filter((each) => sameMaker(each.manufacturer, asked.manufacturer))
      : alike
    // Somebody who names another maker may mean that maker's part, which we do not know.
    if (alike.length > 0 && own.length !== 1) return { match: 'UNSURE', componentId: null }
    if (own[0]) return { match, componentId: own[0].id }
  }
  return { match: 'NONE', componentId: null }
}
