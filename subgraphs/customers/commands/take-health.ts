import type { LoggedEvent } from '#events/log.ts'
import { isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import type { ChangeRecords } from '../context.ts'
import { afterHealth, type HeldHealth, healthFields } from '../domain/health.ts'
import { healthOf, setHealth } from '../store/health.ts'
import { lockInsightFields } from '../store/insight-fields.ts'
import { asTransaction } from '../store/transaction.ts'
import { writeCompanyFields } from './write-company-fields.ts'

/**
 * Takes in what insights says of customers' health: kept here to filter and order by, and written to their HubSpot companies. A
 * batch takes the same number of statements, however many customers it is about; however often one of them has moved in it, each of
 * its companies is written once.
 */
export const takeHealth =
  (changeRecords: ChangeRecords, now: () => Date) =>
  async (raw: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> => {
    if (events.length === 0) return
    const tx = asTransaction(raw)
    await lockInsightFields(tx, orgId)
    const told = events
      .map((each) => readEvent('insights.health.changed', each.version, each.payload))
      .filter(({ customerId }) => isId(customerId))
    const held = await healthOf(tx, orgId, [...new Set(told.map(({ customerId }) => customerId))])
    const moved = new Map<string, HeldHealth>()
    for (const each of told) {
      const { customerId } = each
      const after = afterHealth(moved.get(customerId) ?? held.get(customerId), each)
      if (after) moved.set(customerId, after)
    }
    const at = now()
    const fields = new Map([...moved].map(([id, health]) => [id, healthFields(health)]))
    // Records before customers: whoever changes both takes their rows in this order.
    await writeCompanyFields(tx, changeRecords, { orgId, integrationId: null, fields, at })
    await setHealth(tx, orgId, moved)
  }
