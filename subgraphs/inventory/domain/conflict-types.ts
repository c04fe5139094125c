const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^@record$/, 'deleted_mismatch'],
  [/^(quantity|reserved\.|lineCount)/, 'quantity_mismatch'],
  [/^(price\.|total$|costPerUnit$|priceBreaks$|currency$)/, 'price_mismatch'],
  [/^status$/, 'status_mismatch'],
]

/** What kind of disagreement about a field is, as an earlier product called it. */
export const conflictTypeOf = (field: string): string =>
  TYPES.find(([pattern]) => pattern.test(field))?.[1] ??
  `${field.replace(/[^a-z]+/gi, '_').toLowerCase()}_mismatch`
