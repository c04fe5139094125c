import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import { type AuditEntryRow, type AuditPart, insertEntries } from '../store/audit.ts'
import type { Transaction } from '../store/transaction.ts'

/** The event by which a part tells of its changes. */
export const auditOf = <P extends AuditPart>(part: P) => `${part}.audit.written` as const

/** Keeps what a part tells of its changes: one statement. What was told before is kept once. */
export const keepAudit = async (
  tx: Transaction,
  orgId: string,
  part: AuditPart,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const rows = events.map(({ version, payload }): AuditEntryRow => {
    const { auditId, at, actorKind, actorId, ...told } = readEvent(auditOf(part), version, payload)
    return {
      ...told,
      id: `${part}:${auditId}`,
      part,
      at: new Date(at),
      actor: { kind: actorKind, id: actorId },
    }
  })
  await insertEntries(tx, orgId, rows)
}
