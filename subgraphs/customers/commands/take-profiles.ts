import type { LoggedEvent } from '#events/log.ts'
import { isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import type { ChangeRecords } from '../context.ts'
import { newsIn, propertyOf, type SaidAt } from '../domain/insight-fields.ts'
import { copyScores, insightFieldsOf, lockInsightFields, setInsightFields } from '../store/insight-fields.ts'
import { asTransaction } from '../store/transaction.ts'
import { writeCompanyFields } from './write-company-fields.ts'

/**
 * Takes in what insights says of customers beyond their health, and writes it to their HubSpot companies. A batch takes the same
 * number of statements, however many customers it is about; however often it tells of one of them, each of its companies is written once.
 */
export const takeProfiles =
  (changeRecords: ChangeRecords, now: () => Date) =>
  async (raw: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> => {
    if (events.length === 0) return
    const tx = asTransaction(raw)
    await lockInsightFields(tx, orgId)
    const told = events
      .map((each) => readEvent('insights.profile.changed', each.version, each.payload))
      .filter(({ customerId }) => isId(customerId))
    const ids = [...new Set(told.map(({ customerId }) => customerId))]
    const news = [...newsIn(await insightFieldsOf(tx, orgId, ids), told).values()]
    const fields = new Map<string, Record<string, SaidAt>>()
    for (const [customerId, own] of Map.groupBy(news, (each) => each.customerId))
      fields.set(customerId, Object.fromEntries(own.map(propertyOf)))
    await writeCompanyFields(tx, changeRecords, { orgId, integrationId: null, fields, at: now() })
    await setInsightFields(tx, orgId, news)
    await copyScores(tx, orgId, news)
  }
