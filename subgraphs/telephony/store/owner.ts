/** A set of accounts as one key, so that owners of one request are loaded together. */
export const ownerOf = (bans: readonly string[]): string => [...bans].sort().join(' ')

/** The accounts of such a key. */
export const membersOf = (owner: string): string[] => (owner === '' ? [] : owner.split(' '))
