/** Billing account numbers: nine digits and a check digit by Luhn's formula (ISO/IEC 7812-1, annex B). */

const luhn = (digits: string): number => {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const doubled = Number(digit) * (place % 2 === 0 ? 2 : 1)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return (10 - (sum % 10)) % 10
}

/** Makes a billing account number. @param random a whole number from 0 to 899,999,999 */
export const makeBan = (random: number): string => {
  const digits = String(100_000_000 + random)
  return `${digits}${luhn(digits)}`
}

/** Whether a text can stand as a billing account number: ours, or one brought over from another platform. */
export const isBan = (text: string): boolean => /^[0-9A-Z-]{3,32}$/.test(text)
