import { withoutSecrets } from '#kernel/mask.ts'

/** Properties that hold keys by their very purpose: neither asked for nor kept. What we show is how many there are. */
export const NEVER_TAKEN: ReadonlySet<string> = new Set(['warp_api_keys'])

/**
 * A property's value as it may be kept: payment cards' numbers, keys and tokens that somebody wrote into it are cut out, and what is
 * longer than any property of HubSpot may be is cut off.
 */
export const takenIn = (value: string | null): string | null => {
  if (value === null || value.length < SHORTEST_SECRET) return value
  const clean = withoutSecrets(value)
  return clean.length > LONGEST_VALUE ? clean.slice(0, LONGEST_VALUE).toWellFormed() : clean
}

/** As HubSpot has it for every kind of property. */
const LONGEST_VALUE = 65_536

// A card has at least 14 digits, "sk_live_" and one sign nine.
const SHORTEST_SECRET = 9
