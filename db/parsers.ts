import pg from 'pg'

const { types } = pg

const whole = (text: string): number => {
  const n = Number(text)
  // A silent rounding of a position or an id would be worse than a failed query.
  if (!Number.isSafeInteger(n))
    throw new RangeError('a bigint of the database does not fit a JavaScript number')
  return n
}
const asIs = (text: string): string => text

// Object ids of PostgreSQL's built-in types, from its pg_type.dat.
const INT8 = 20
const DATE = 1082
const NUMERIC = 1700
const INTERVAL = 1186
// pg-types' typings leave the arrays out.
const TEXT_ARRAY = 1009 as never
const listOf =
  <T>(parse: (text: string) => T) =>
  (text: string): (T | null)[] =>
    (types.getTypeParser(TEXT_ARRAY)(text) as (string | null)[]).map((v) => (v === null ? null : parse(v)))

/**
 * How values of the database look in our code; `generate.ts` writes types that say the same.
 * bigint → number · numeric → text, never a float · date → 'YYYY-MM-DD' · timestamptz → Date.
 */
export const parsers = new pg.TypeOverrides()
parsers.setTypeParser(INT8, whole)
parsers.setTypeParser(NUMERIC, asIs)
parsers.setTypeParser(DATE, asIs)
parsers.setTypeParser(INTERVAL, asIs)
parsers.setTypeParser(1016, listOf(whole)) // bigint[]
parsers.setTypeParser(1231, listOf(asIs)) // numeric[]
parsers.setTypeParser(1182, listOf(asIs)) // date[]
