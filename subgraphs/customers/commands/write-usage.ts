import type { ChangeRecords } from '../context.ts'
import { hasAssets } from '../domain/assets.ts'
import { mayWriteAt, monthOf } from '../domain/usage-days.ts'
import { integrationsOf } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'
import {
  customersToWrite,
  forgetDaysBefore,
  noteDaysWritten,
  noteUsageWritten,
  tellsUsage,
  unwrittenDays,
  usageWritten,
} from '../store/usage-days.ts'
import { tellUsageDays } from './tell-usage-days.ts'
import { takeCompaniesTurn, writeAccountFields } from './write-account-fields.ts'
import type { NumberOf } from './write-assets.ts'

interface Around {
  changeRecords: ChangeRecords
  numberOf: NumberOf
  orgId: string
  /** Whether the hub has the developer's key of its app, without which no portal has a timeline for it. */
  hasDeveloper: boolean
  at: Date
}

const DAY_MS = 86_400_000
const KEPT_DAYS = 70
/** After the next day's news had its turn. */
const LOOK_AGAIN_MS = 25 * 3_600_000

const PAGE = 200

/**
 * Lets the companies of a page of customers say what was used in their month, and timelines what was used on a day. Each company is written
 * once a day, however much was told of its accounts: a day that is told for the first time at once, what is corrected of it later with the
 * next day's. Doing it again changes nothing, so whoever was broken off begins again. Of a customer that has no company the days wait
 * until it has one. The statements do not depend on how many they are.
 * @returns the last customer of the page; undefined when there are no more
 */
export const writeUsage = async (
  tx: Transaction,
  around: Around,
  { after, limit = PAGE }: { after: string; limit?: number },
): Promise<string | undefined> => {
  const { orgId, at } = around
  await takeCompaniesTurn(tx, orgId)
  const portals = (await integrationsOf(tx, orgId)).filter(hasAssets).map(({ id }) => id)
  const customers = await customersToWrite(tx, orgId, { month: monthOf([], at), portals, after, limit })
  if (customers.length === 0) return undefined
  const ids = customers.map(({ id }) => id)
  const owned = await unwrittenDays(tx, orgId, { customerIds: ids, portals })
  const byCustomer = Map.groupBy(owned, ({ customerId }) => customerId)
  const written = await usageWritten(tx, orgId, [...byCustomer.keys()])
  const ready = [...byCustomer].flatMap(([customerId, own]) => {
    const newest =
      own
        .map(({ day }) => day)
        .sort()
        .at(-1) ?? ''
    const was = written.get(customerId) ?? { day: null, at: null }
    if (mayWriteAt(newest, was, at)) return []
    return [{ customerId, own, newest: was.day !== null && was.day > newest ? was.day : newest }]
  })
  const told = new Map<string, string | null>(ready.map(({ customerId, newest }) => [customerId, newest]))
  for (const { id, isStale } of customers) if (isStale && !told.has(id)) told.set(id, null)
  await writeAccountFields(tx, around, [...told.keys()])
  const now = ready.flatMap(({ own }) => own)
  await tellUsageDays(tx, around, now)
  await noteUsageWritten(tx, orgId, told, at)
  await noteDaysWritten(tx, orgId, now)
  return customers.length === limit ? customers.at(-1)!.id : undefined
}

/**
 * Forgets what was used long ago, once all customers had their turn.
 * @returns when to look again; undefined where nobody has told of usage
 */
export const endUsageTurn = async (
  tx: Transaction,
  { orgId, at }: Pick<Around, 'orgId' | 'at'>,
): Promise<Date | undefined> => {
  await forgetDaysBefore(tx, orgId, new Date(at.getTime() - KEPT_DAYS * DAY_MS))
  return (await tellsUsage(tx, orgId)) ? new Date(at.getTime() + LOOK_AGAIN_MS) : undefined
}
