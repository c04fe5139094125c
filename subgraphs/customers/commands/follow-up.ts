import { idFrom } from '#kernel/ids.ts'
import type { ChangeRecords } from '../context.ts'
import { FOLLOW_UPS, type Followed, taskOf } from '../domain/advice.ts'
import { compileField, mappingOf } from '../domain/mapping.ts'
import { instantOf, textOf } from '../domain/values.ts'
import type { IntegrationRow } from '../store/integrations.ts'
import { buyers } from '../store/leads.ts'
import { mappingIn, mappingsOf } from '../store/mappings.ts'
import { lay, lockRaised, raise } from '../store/raised.ts'
import type { Transaction } from '../store/transaction.ts'
import { makeActivities } from './make-activities.ts'

const AT_ONCE = 1000

/**
 * Makes tasks for the customers of a portal that the hub itself can name something to do for: one for each reason, and no other before
 * the reason has gone and come back. Safe to repeat. Nothing where it is not switched on.
 */
export const followUp = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  portal: IntegrationRow,
  at: Date,
): Promise<void> => {
  if (!portal.auto_create_tasks) return
  for await (const page of followed(tx, portal))
    for (const reason of Object.keys(FOLLOW_UPS) as (keyof typeof FOLLOW_UPS)[])
      await followReason(tx, changeRecords, { portal, reason, page, at })
}

const followReason = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  ask: { portal: IntegrationRow; reason: keyof typeof FOLLOW_UPS; page: readonly Followed[]; at: Date },
): Promise<void> => {
  const { portal, reason, page, at } = ask
  const place = { orgId: portal.org_id, integrationId: portal.id }
  const { isDue, isOver, task } = FOLLOW_UPS[reason]
  const raised = await lockRaised(
    tx,
    place,
    reason,
    page.map(({ id }) => id),
  )
  const due = page
    .filter((company) => isDue(company, at) && !raised.get(company.id)?.stands)
    .map((company) => {
      const times = (raised.get(company.id)?.times ?? 0) + 1
      const recordId = idFrom(place.orgId, place.integrationId, 'raised', reason, company.id, String(times))
      return { company, about: company.id, recordId, times }
    })
  const tasks = due.map(({ company, recordId }) => ({
    localId: recordId,
    values: taskOf(company, task(company, at)),
  }))
  const made = await makeActivities(tx, changeRecords, { portal, type: 'tasks', at }, tasks)
  // Where none could be made the reason is raised again once one can.
  if (made > 0) await raise(tx, place, { reason, recordType: 'tasks' }, due, at)
  const over = page.filter((company) => isOver(company, at) && raised.get(company.id)?.stands)
  await lay(
    tx,
    place,
    reason,
    over.map(({ id }) => id),
  )
}

async function* followed(
  tx: Transaction,
  { org_id: orgId, id: integrationId }: IntegrationRow,
): AsyncGenerator<Followed[]> {
  const { fields } = mappingIn(await mappingsOf(tx, orgId, [integrationId]), integrationId, 'companies')
  const activity = mappingOf('companies', 'lastActivityAt', fields)
  const owner = mappingOf('companies', 'owner', fields)
  const [activityOf, ownerOf] = [compileField(activity), compileField(owner)]
  const names = [...activity.properties, ...owner.properties]
  for (let after: string | null = null; ; ) {
    const rows = await buyers(tx, { orgId, integrationId }, names, { after, limit: AT_ONCE })
    yield rows.map((row) => ({
      id: row.id,
      externalId: row.external_id,
      name: row.name,
      owner: textOf(ownerOf(row.says)),
      lastActivityAt: instantOf(activityOf(row.says)),
      health: row.health_score === null ? null : Number(row.health_score),
    }))
    if (rows.length < AT_ONCE) return
    after = rows.at(-1)?.id ?? null
  }
}
