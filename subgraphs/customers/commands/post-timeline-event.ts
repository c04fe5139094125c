import { idFrom } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { chosen } from '#service/choosing.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { goesOut } from '../domain/going-out.ts'
import { flawInTokens, timelineWay, tokensThatMayLeave } from '../domain/timeline.ts'
import { TIMELINE_OBJECT, timelineKind } from '../domain/timeline-kinds.ts'
import { integrationsOf } from '../store/integrations.ts'
import { companyNamed, portalsWithKey, type TimelineEntryRow, timelineById } from '../store/timeline.ts'
import { tellTimeline } from './tell-timeline.ts'

/** An event as somebody posts it. */
export interface PostedEvent {
  integrationId: string | null
  objectType: string
  objectId: string
  eventTemplateId: string
  tokens: readonly { name: string; value: string }[]
  at: Date | null
  /** The caller's own; null: what the event says. */
  key: string | null
}

export interface Posted {
  entry: TimelineEntryRow
  isNew: boolean
  receipt: Receipt
}

const LONGEST_KEY = 200

/**
 * Puts an event on the timeline of a company. It is written after this is answered. Posted again it is the same event; it can be of
 * any kind of the catalogue, whatever the connection shows by itself.
 */
export const postTimelineEvent = (
  ctx: Context,
  posted: PostedEvent,
): Promise<Posted | InvalidRefusal | MissingRefusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const at = clock.now()
    if (posted.objectType.toUpperCase() !== TIMELINE_OBJECT)
      return invalid('objectType', 'Events are put on companies: say company.')
    const kind = timelineKind(posted.eventTemplateId)
    if (!kind) return invalid('eventTemplateId', 'There is no such kind of event: see timelineKinds.')
    if (posted.key !== null && (posted.key === '' || posted.key.length > LONGEST_KEY))
      return invalid('key', `A key has one to ${LONGEST_KEY} letters.`)
    const given = Object.fromEntries(posted.tokens.map(({ name, value }) => [name, value]))
    const flaw = flawInTokens(kind, given)
    if (flaw) return invalid('tokens', flaw)
    const portal = chosen(await integrationsOf(tx, orgId), posted.integrationId)
    if (portal === 'ambiguous')
      return invalid('integrationId', 'There are several HubSpot connections: name one.')
    if (!portal || portal.disconnected_at) return missing('The HubSpot connection')
    const has = { developer: ctx.portals.hasDeveloper, key: (await portalsWithKey(tx, orgId)).has(portal.id) }
    if (!goesOut(portal) || !timelineWay(portal, has))
      return invalid(
        'integrationId',
        'The portal cannot be told of events. Let the hub write to it and provision its properties.',
      )
    const place = { orgId, integrationId: portal.id }
    const companyId = await companyNamed(tx, place, posted.objectId)
    if (!companyId) return missing('The company')
    // What may not leave is not kept either.
    const tokens = tokensThatMayLeave(given, { sendsAddresses: false })
    const said = JSON.stringify(Object.entries(given).sort())
    const about = posted.key === null ? [said, posted.at?.toISOString() ?? ''] : ['key', posted.key]
    const id = idFrom(orgId, 'timeline', portal.id, kind.name, posted.objectId, ...about)
    const row = { id, integration_id: portal.id, company_id: companyId, kind: kind.name, tokens }
    const rows = [{ ...row, occurred_at: posted.at ?? at }]
    const isNew = (await tellTimeline(tx, orgId, rows, at, { isUrgent: true })).has(id)
    const entry = (await timelineById(tx, orgId, id)) as TimelineEntryRow
    if (isNew) {
      const subject = { type: 'TimelineEntry', id }
      const after = { integrationId: portal.id, companyId, kind: kind.name }
      await audit(tx, { orgId, principal, action: 'postTimelineEvent', subject, after, at })
    }
    return { entry, isNew, receipt: await receiptOf(tx) }
  })
