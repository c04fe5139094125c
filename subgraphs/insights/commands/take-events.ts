import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import { meetAccounts, regroup, touchByAccount } from '../store/customers.ts'
import { type SignalRow, upsertSignals, withdraw } from '../store/signals.ts'
import type { Transaction } from '../store/transaction.ts'
import { readFacts } from './read-facts.ts'

/** Only the newest fact per record counts: the batch is in order. */
const latest = <T>(rows: readonly T[], key: (row: T) => string): T[] => [
  ...new Map(rows.map((row) => [key(row), row])).values(),
]

/**
 * Takes a batch of one organisation's events from one source, in order: keeps and withdraws facts, regroups accounts,
 * and marks the customers concerned as to be scored anew. A constant number of statements however long the batch is.
 */
export const takeEvents = async (
  tx: Transaction,
  orgId: string,
  source: string,
  events: readonly LoggedEvent[],
  now: Date,
): Promise<void> => {
  const identities = events.filter((e) => e.name === 'customers.identity.changed')
  const readings = events
    .filter((e) => e.name !== 'customers.identity.changed')
    .map((e) => ({ pos: e.pos, ...readFacts(e) }))

  const facts = latest(
    readings.flatMap(({ pos, signals, withdrawn }) => [
      ...withdrawn.map((w) => ({ ...w, row: null })),
      ...signals.map((s) => ({
        kind: s.kind,
        recordId: s.recordId,
        row: { ...s, source, sourcePos: pos } as SignalRow,
      })),
    ]),
    (fact) => `${fact.kind} ${fact.recordId}`,
  )
  // A record that moved to another account takes its fact along.
  const left = await withdraw(
    tx,
    orgId,
    facts.map(({ kind, recordId, row }) => ({
      kind,
      recordId,
      system: row?.system ?? null,
      accountId: row?.accountId ?? null,
    })),
  )
  const kept = facts.flatMap((fact) => (fact.row ? [fact.row] : []))
  await upsertSignals(tx, orgId, kept)
  await meetAccounts(
    tx,
    orgId,
    kept.map(({ system, accountId }) => ({ system, accountId })),
  )
  await regroup(
    tx,
    orgId,
    latest(
      identities.map((e) => readEvent('customers.identity.changed', e.version, e.payload)),
      (identity) => identity.customerId,
    ),
    now,
  )
  const touched = [
    ...left.map((a) => ({ system: a.system, accountId: a.account_id })),
    ...kept.map(({ system, accountId }) => ({ system, accountId })),
  ]
  await touchByAccount(tx, orgId, touched, now)
}
