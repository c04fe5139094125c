import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { type AuditEntry, auditAll } from '#service/audit.ts'
import { type CreditRule, reasonOf, withAllowance } from '../domain/credit.ts'
import { accountChanged, type Sealing, trunkChanged } from '../domain/telling.ts'
import { type BillingAccountRow, updateAccounts } from '../store/accounts.ts'
import { insertTrunks, type TrunkRow, updateTrunks } from '../store/assets.ts'
import { creditRuleOf } from '../store/credit.ts'
import type { EstateRows } from '../store/estates.ts'
import type { Transaction } from '../store/transaction.ts'
import { endMessagingOf } from './end-messaging.ts'
import { parkNumbersOf, releaseNumbersOf } from './release-numbers.ts'

/** Who keeps something, and as what it is written down. */
export interface Keeping {
  orgId: string
  clock: Clock
  principal: AuditEntry['principal']
  sealNumber: Sealing | undefined
  action: string
}

/** An estate as it was read and as it shall be. */
export interface EstateChange {
  before: EstateRows
  after: EstateRows
}

/**
 * Keeps accounts and their trunks as they shall be, in the caller's transaction, which has locked the estates: calls are shared out anew by
 * the accounts' credit; of accounts that end the numbers are released, the brand and the campaigns are over; numbers of trunks that are
 * taken down are parked; and of everything that differs then one row is written, one audit row is left and one event is told. Nothing that
 * stays the same is touched. A constant number of statements, and as many again for each account that ends: they end one at a time.
 * @param rule the credit rule that holds from now on; the organisation's own when left out
 * @returns the estates as they are now
 */
export const keepEstates = async (
  tx: Transaction,
  keeping: Keeping,
  changes: readonly EstateChange[],
  rule?: CreditRule,
): Promise<EstateRows[]> => {
  const { orgId, clock } = keeping
  const at = clock.now()
  const credit = rule ?? (await creditRuleOf(tx, orgId))
  const kept = changes.map(({ before, after }) => {
    const was = new Map(before.trunks.map((trunk) => [trunk.id, trunk]))
    const account = newer(before.account, after.account, at)
    const trunks = withAllowance(account, credit, after.trunks)
    return { before, account, trunks: trunks.map((trunk) => newer(was.get(trunk.id), trunk, at)), was }
  })
  const accounts = kept.flatMap(({ before, account }) =>
    account === before.account ? [] : [{ before: before.account, after: account }],
  )
  const trunks = kept.flatMap((estate) =>
    estate.trunks.flatMap((after) => {
      const before = estate.was.get(after.id)
      return before === after ? [] : [{ before, after, estate }]
    }),
  )
  await updateAccounts(
    tx,
    orgId,
    accounts.map(({ after }) => after),
  )
  // First the old ones: a name or an address that one gives up may be another's from now on.
  const old = trunks.filter(({ before }) => before)
  await updateTrunks(
    tx,
    orgId,
    old.map(({ after }) => after),
  )
  const added = trunks.filter(({ before }) => !before)
  await insertTrunks(
    tx,
    orgId,
    added.map(({ after }) => after),
  )
  const gone = old.filter(({ after }) => after.status === 'DELETED').map(({ after }) => after.id)
  await auditAll(tx, [
    ...accounts.map(({ before, after }) => accountEntry(keeping, at, before, after)),
    ...trunks.map(({ before, after, estate }) =>
      trunkEntry(keeping, at, before, after, reason(estate, credit)),
    ),
  ])
  await publish(
    tx,
    orgId,
    [
      ...accounts.map(({ after }) => accountChanged(after, at)),
      ...trunks.map(({ after }) => trunkChanged(after, at)),
    ],
    at,
  )
  // Last, so that a number is told of after what has become of its account and trunk.
  for (const { before, after } of accounts)
    if (after.status === 'CHURNED' && before.status !== 'CHURNED') {
      await releaseNumbersOf(tx, { ...keeping, at }, after.ban)
      await endMessagingOf(tx, { ...keeping, at }, after.ban)
    }
  await parkNumbersOf(tx, { ...keeping, at }, gone)
  return kept.map(({ account, trunks }) => ({ account, trunks }))
}

/** The row as it was when nothing of it differs; otherwise as it is to be, one version later. A row that was not there is as it is. */
const newer = <R extends { version: number; updatedAt: Date }>(
  before: R | undefined,
  after: R,
  at: Date,
): R => {
  if (!before) return after
  return JSON.stringify(before) === JSON.stringify(after)
    ? before
    : { ...after, version: before.version + 1, updatedAt: at }
}

const reason = (
  { account, trunks }: { account: BillingAccountRow; trunks: readonly TrunkRow[] },
  rule: CreditRule,
): string => {
  const live = trunks.filter(({ status }) => status !== 'DELETED')
  const orderedCalls = live.reduce((sum, { concurrentCalls }) => sum + concurrentCalls, 0)
  return reasonOf(account, rule, { trunks: live.length, orderedCalls })
}

// What only orders versions, or what HubSpot is compared with, is nobody's news.
const UNSAID: readonly string[] = ['version', 'updatedAt', 'creditLimitsSet']
const said = (row: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([field]) => !UNSAID.includes(field)))

const accountEntry = (
  { orgId, principal, action }: Keeping,
  at: Date,
  before: BillingAccountRow,
  after: BillingAccountRow,
): AuditEntry => ({
  ...{ orgId, principal, action, at, subject: { type: 'BillingAccount', id: after.ban } },
  ...{ before: said(before), after: said(after) },
})

const trunkEntry = (
  { orgId, principal, action }: Keeping,
  at: Date,
  before: TrunkRow | undefined,
  after: TrunkRow,
  allowedCallsReason: string,
): AuditEntry => ({
  ...{ orgId, principal, action, at, subject: { type: 'Trunk', id: after.id } },
  before: before ? said(before) : null,
  // The numbers that the rule went by are told with what came of it.
  after: before?.allowedCalls === after.allowedCalls ? said(after) : { ...said(after), allowedCallsReason },
})
