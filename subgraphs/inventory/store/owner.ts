import { isId } from '#kernel/ids.ts'

/** A set of accounts as one key, so that owners of one request are loaded together. What is no id of ours is nobody's. */
export const ownerOf = (accountIds: readonly string[]): string => accountIds.filter(isId).sort().join(' ')

/** The accounts of such a key. */
export const membersOf = (owner: string): string[] => (owner === '' ? [] : owner.split(' '))
