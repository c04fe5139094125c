import { audit } from '#service/audit.ts'
import { chosen } from '#service/choosing.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { goesOut } from '../domain/going-out.ts'
import { healthFields } from '../domain/health.ts'
import { healthOf, scoredCustomers } from '../store/health.ts'
import { integrationsOf } from '../store/integrations.ts'
import { writeCompanyFields } from './write-company-fields.ts'

export interface HealthPushed {
  integrationId: string
  /** Companies of customers whose health is known. */
  companies: number
  /** Of those, companies that said something else until now. */
  changed: number
  /** Why some of it was not written, with what to do. */
  problems: string[]
  receipt: Receipt
}

const AT_ONCE = 1000

/**
 * Lets all companies of a portal say what their customers' health is now. They are written a hundred at a time, after this is
 * answered; those that say it already are not written.
 */
export const pushHealth = (
  ctx: Context,
  integrationId: string | null,
): Promise<HealthPushed | InvalidRefusal | MissingRefusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const portal = chosen(await integrationsOf(tx, orgId), integrationId)
    if (portal === 'ambiguous')
      return invalid('integrationId', 'There are several HubSpot connections: name one.')
    if (!portal || portal.disconnected_at) return missing('The HubSpot connection')
    if (!goesOut(portal))
      return invalid(
        'integrationId',
        'The hub does not write to this portal. Change its direction, or grant it.',
      )
    const at = clock.now()
    const place = { orgId, integrationId: portal.id }
    const sum = { companies: 0, changed: 0 }
    const problems = new Set<string>()
    for (let after: string | null = null; ; ) {
      const ids: string[] = await scoredCustomers(tx, place, { after, limit: AT_ONCE })
      const held = await healthOf(tx, orgId, ids)
      const fields = new Map([...held].map(([id, health]) => [id, healthFields(health)]))
      const done = await writeCompanyFields(tx, ctx.changeRecords, { ...place, fields, at })
      for (const { message, fix } of done.troubles) problems.add(`${message} ${fix}`)
      sum.companies += done.companies
      sum.changed += done.changed
      if (ids.length < AT_ONCE) break
      after = ids.at(-1) ?? null
    }
    const subject = { type: 'HubSpotIntegration', id: portal.id }
    await audit(tx, { orgId, principal, action: 'pushHealthScores', subject, after: sum, at })
    return { integrationId: portal.id, ...sum, problems: [...problems], receipt: await receiptOf(tx) }
  })
