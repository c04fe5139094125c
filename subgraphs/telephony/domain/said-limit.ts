/** What is remembered of an account's credit limit. Decimals, without trailing zeros. */
export interface KnownLimit {
  creditLimit: string
  hasCreditLimit: boolean
  /** What HubSpot said last; null until it has said something. */
  creditLimitSaid: string | null
  /** What the limit was set to here since then, oldest first. */
  creditLimitsSet: readonly string[]
}

/** What comes of what HubSpot says. */
export interface HeardLimit {
  said: string
  set: string[]
  /** The limit from now on; null when it stays. */
  limit: string | null
}

/**
 * What comes of a limit that HubSpot has: it is compared with what HubSpot had before, and not with the account's own, so that a company
 * which changed in something else gives nothing back that was changed here. What was set here and comes back from there is no news.
 * Null when HubSpot has what it had. Pure.
 */
export const hearLimit = (known: KnownLimit, said: string): HeardLimit | null => {
  if (said === known.creditLimitSaid) return null
  const echo = known.creditLimitsSet.indexOf(said)
  if (echo !== -1) return { said, set: known.creditLimitsSet.slice(echo + 1), limit: null }
  const isSame = known.hasCreditLimit && known.creditLimit === said
  return { said, set: [], limit: isSame ? null : said }
}
