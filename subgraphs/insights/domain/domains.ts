import type { AccountSystem } from './signal.ts'

/** The web domain that an account says it has; null when it has none, or is gone. */
export interface AccountDomain {
  accountSystem: AccountSystem
  accountId: string
  domain: string | null
}

/** A web domain as it is compared: nobody's capitals, and without what only says that pages are served there. */
export const plainDomain = (said: string): string =>
  said
    .trim()
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.$/, '')
