import type { Rng } from './random.ts'
import { PLACES } from './words.ts'

/** A US number in E.164 form that the numbering plan allows: no N11 exchange, no 555, no leading 0 or 1. */
export const usNumber = (rng: Rng, areaCode: string = rng.pick(PLACES)[3]): string => {
  let exchange = rng.int(200, 988)
  if (exchange % 100 === 11 || exchange === 555 || exchange === 950) exchange += 1
  return `+1${areaCode}${exchange}${String(rng.int(0, 9999)).padStart(4, '0')}`
}

/** The same line as different people write it. `style` from 0 to 4; 0 is E.164. */
export const written = (e164: string, style: number): string => {
  const [area, exchange, line] = [e164.slice(2, 5), e164.slice(5, 8), e164.slice(8)]
  switch (style) {
    case 1:
      return `(${area}) ${exchange}-${line}`
    case 2:
      return `${area}-${exchange}-${line}`
    case 3:
      return `${area}.${exchange}.${line}`
    case 4:
      return `+1 ${area} ${exchange} ${line}`
    default:
      return e164
  }
}

/** Another line of the same house: the last two digits differ. */
export const neighbour = (e164: string, offset: number): string =>
  `${e164.slice(0, -2)}${String((Number(e164.slice(-2)) + offset) % 100).padStart(2, '0')}`
