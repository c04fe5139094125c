import { mayHold } from './reservations.ts'
import { rfqStatusOf, wayBetween } from './rfq.ts'
import { lineOf, stockIdOf } from './rfq-fields.ts'

type Value = string | number | boolean | null | readonly string[]

const PRICED = ['QUOTED', 'WON']

/**
 * What C3 would refuse of a request's fields, however often it was asked, and why: where it cannot go from where it stands, and what it
 * cannot be without there. Pure.
 * @param held what the request says
 * @param wanted what fields of it are to say
 */
export const barsOf = (
  held: Readonly<Record<string, Value>>,
  wanted: Readonly<Record<string, { to: Value }>>,
): ReadonlyMap<string, string> => {
  const bars = new Map<string, string>()
  const before = String(held.status)
  const after = String(wanted.status?.to ?? before)
  const goes = after === before || wayBetween(before, after) !== undefined
  if (!goes)
    bars.set('status', `C3 lets no request go from ${before} to ${after}: where it stands is left as it is.`)
  const status = rfqStatusOf(goes ? after : before)
  for (const [field, { to }] of Object.entries(wanted)) {
    if (lineOf(field) !== undefined && to === null && PRICED.includes(status))
      bars.set(
        field,
        'Whatever is quoted or ordered has a price for every line: prices are left as they are.',
      )
    if (stockIdOf(field) !== undefined && to && !mayHold(status))
      bars.set(field, 'Nothing is held for a request that is over: what was given back stays so.')
  }
  return bars
}
