import { event } from '#schema/events.ts'
import { ownerIdOf } from '../domain/links.ts'
import { plainText } from '../domain/plain-text.ts'
import { instantOf, textOf } from '../domain/values.ts'
import { aboutColumns, type Kind, said } from './records.ts'

/** A HubSpot note as our row and our event. What it says stays out of the event. */
export const notes: Kind = {
  type: 'notes',
  columns: (values, { place, createdAt }) => ({
    body: plainText(textOf(said(values, 'hs_note_body'))),
    noted_at: instantOf(said(values, 'hs_timestamp')) ?? createdAt,
    owner_id: ownerIdOf(place.orgId, place.integrationId, textOf(said(values, 'hubspot_owner_id'))),
    ...aboutColumns(values),
  }),
  tell: ({ id, values, customerId, companyId, createdAt, observedAt, deleted }) => [
    event('customers.note.changed', id, {
      noteId: id,
      customerId,
      companyId,
      notedAt: (instantOf(said(values, 'hs_timestamp')) ?? createdAt).toISOString(),
      observedAt: observedAt.toISOString(),
      deleted,
    }),
  ],
}
