import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { firstCallMade } from '../domain/first-call.ts'
import { readUsage, type UsageRecord } from '../domain/usage.ts'
import type { Transaction } from '../store/transaction.ts'
import { bansOfTrunks, joinAddingUp, makeUsageDays, type OwnedUsage, takeRecords } from '../store/usage.ts'

/** A record as it was sent, at a place of whatever it was sent in. */
export interface SentUsage {
  index: number
  told: unknown
}

/** What became of records that were sent. */
export interface TakenUsage {
  accepted: number
  /** Known already. */
  known: number
  refused: { index: number; message: string }[]
}

const UNKNOWN_TRUNK = 'There is no trunk with this trunkId.'

const dayOf = ({ startedAt }: UsageRecord): string => startedAt.toISOString().slice(0, 10)

/**
 * Takes records over and adds them up, in the caller's transaction: four statements, however many, and one more where an account's first
 * call is among them, which is told. Each record counts once, however often it comes.
 */
export const takeUsage = async (
  tx: Transaction,
  { orgId, clock }: { orgId: string; clock: Clock },
  sent: readonly SentUsage[],
): Promise<TakenUsage> => {
  const now = clock.now()
  const refused: TakenUsage['refused'] = []
  const read: { index: number; record: UsageRecord }[] = []
  for (const { index, told } of sent) {
    const record = readUsage(told, now)
    if (typeof record === 'string') refused.push({ index, message: record })
    else read.push({ index, record })
  }
  const bans = await bansOfTrunks(tx, orgId, [...new Set(read.map(({ record }) => record.trunkId))])
  const owned: OwnedUsage[] = []
  for (const { index, record } of read) {
    const ban = bans.get(record.trunkId)
    if (ban === undefined) refused.push({ index, message: UNKNOWN_TRUNK })
    else owned.push({ ...record, ban })
  }
  await makeUsageDays(tx, [...new Set(owned.map(dayOf))])
  await joinAddingUp(tx, orgId)
  const { accepted, firstCalls } = await takeRecords(tx, orgId, owned, now)
  const told = firstCalls.map((call) => firstCallMade(call, now))
  await publish(tx, orgId, told, now)
  return { accepted, known: owned.length - accepted, refused: refused.sort((a, b) => a.index - b.index) }
}
