import { publish } from '#events/outbox.ts'
import { type AuditEntry, auditAll } from '#service/audit.ts'
import type { Context } from '../context.ts'
import { movedTogether, numberChanged } from '../domain/telling.ts'
import { insertNumbers, type PhoneNumberRow, saveNumbers } from '../store/numbers.ts'
import type { Transaction } from '../store/transaction.ts'

/** Who keeps numbers, when, and what the audit calls it. */
export type KeepingNumbers = Pick<Context, 'orgId' | 'sealNumber'> &
  Pick<AuditEntry, 'principal' | 'action' | 'at'>

/** A number as it was, undefined when it is new, and as it shall be. */
export interface KeptNumber {
  before?: PhoneNumberRow | undefined
  after: PhoneNumberRow
}

/** What of a number stands in an audit: not its address, also not sealed. */
const audited = ({ e911Address: _, ...number }: PhoneNumberRow) => number

/**
 * Writes numbers down, with who did it and for siblings what they are now, in the caller's transaction: as many statements for one as for
 * a hundred.
 * @returns the numbers as they are kept
 */
export const keepNumbers = async (
  tx: Transaction,
  around: KeepingNumbers,
  numbers: readonly KeptNumber[],
): Promise<PhoneNumberRow[]> => {
  const { orgId, principal, sealNumber, action, at } = around
  const kept = numbers.map(({ before, after }) => ({
    before,
    after: before ? { ...after, version: before.version + 1, updatedAt: at } : after,
  }))
  const rows = kept.map(({ after }) => after)
  await insertNumbers(
    tx,
    orgId,
    kept.flatMap(({ before, after }) => (before ? [] : [after])),
  )
  await saveNumbers(
    tx,
    orgId,
    kept.flatMap(({ before, after }) => (before ? [after] : [])),
  )
  await auditAll(
    tx,
    kept.map(({ before, after }) => ({
      ...{ orgId, principal, action, at, subject: { type: 'PhoneNumber', id: after.id } },
      ...{ before: before ? audited(before) : null, after: audited(after) },
    })),
  )
  const together = movedTogether(kept, at)
  const told = rows.map((row) => numberChanged(row, at, sealNumber, together.get(row.id)))
  await publish(tx, orgId, told, at)
  return rows
}
