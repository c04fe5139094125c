import type { ChangeRecords } from '../context.ts'
import { healthFields } from '../domain/health.ts'
import { allProperties } from '../domain/insight-fields.ts'
import { healthOf } from '../store/health.ts'
import { insightFieldsOf, lockInsightFields } from '../store/insight-fields.ts'
import type { Transaction } from '../store/transaction.ts'
import { writeCompanyFields } from './write-company-fields.ts'

const UNKNOWN = { score: null, trend: null, asOf: new Date(0) }

/**
 * Lets the companies of customers say everything that is thought of these, and nothing else: a company that was with another customer goes on
 * saying what was thought of that one where nothing is known of this one. What a company says already is no change. First thing in its
 * transaction; none of its statements depends on how many customers they are, and there is none for nobody.
 */
export const sayJudgements = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  { orgId, at }: { orgId: string; at: Date },
  customerIds: readonly string[],
): Promise<void> => {
  if (customerIds.length === 0) return
  await lockInsightFields(tx, orgId)
  const held = Map.groupBy(
    (await insightFieldsOf(tx, orgId, customerIds)).values(),
    ({ customerId }) => customerId,
  )
  const health = await healthOf(tx, orgId, customerIds)
  const fields = new Map(
    customerIds.map((id) => [
      id,
      { ...healthFields(health.get(id) ?? UNKNOWN), ...allProperties(held.get(id) ?? []) },
    ]),
  )
  await writeCompanyFields(tx, changeRecords, { orgId, integrationId: null, fields, at })
}
