import { withoutSecrets } from '#kernel/mask.ts'

/** Properties that hold keys by their very purpose: neither asked for nor kept. What we show is how many there are. */
export const NEVER_TAKEN: ReadonlySet<string> = new Set(['warp_api_keys'])

/** A property's value as it may be kept: payment cards' numbers, keys and tokens that somebody wrote into it are cut out. */
export const takenIn = (value: string | null): string | null =>
  value === null || value.length < SHORTEST_SECRET ? value : withoutSecrets(value)

// A card has at least 14 digits, "sk_live_" and one sign nine.
const SHORTEST_SECRET = 9
