import type { LoggedEvent } from '#events/log.ts'
import type { Vault } from '#kernel/vault.ts'
import { readEvent } from '#schema/events.ts'
import { markNumber, openNumber } from '#schema/phone-number.ts'
import { type AccountNumber, keepAccountNumbers } from '../store/account-numbers.ts'
import { asTransaction } from '../store/transaction.ts'

const NUMBER = 'telephony.number.changed'
// On its way in it is still another carrier's customer's.
const HELD: ReadonlySet<string> = new Set(['ACTIVE', 'PORTING_OUT'])

export interface TakingNumbers {
  orgId: string
  vault: Vault
  at: Date
}

/**
 * Takes in which telephone numbers billing accounts have, as marks: a company whose telephone is one of them is probably the account's. What
 * is sealed by a key that is gone says nothing. A batch takes the same number of statements, however many numbers it tells of.
 */
export const takeAccountNumbers = async (
  raw: object,
  { orgId, vault, at }: TakingNumbers,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const told = events.flatMap((event): AccountNumber[] => {
    if (event.name !== NUMBER) return []
    const {
      numberId,
      ban,
      status = 'ACTIVE',
      sealed,
      createdAt,
      observedAt,
    } = readEvent(NUMBER, event.version, event.payload)
    const mark = HELD.has(status) && sealed ? markOf(vault, orgId, numberId, sealed) : null
    return [{ number_id: numberId, ban, mark, given_at: new Date(createdAt ?? observedAt) }]
  })
  // The batch is in order: the last word about a number is the one that holds.
  const last = [...new Map(told.map((each) => [each.number_id, each])).values()]
  await keepAccountNumbers(asTransaction(raw), orgId, last, at)
}

const markOf = (vault: Vault, orgId: string, numberId: string, sealed: string): string | null => {
  try {
    return markNumber(vault, orgId, openNumber(vault, orgId, numberId, sealed).number) ?? null
  } catch {
    return null
  }
}
