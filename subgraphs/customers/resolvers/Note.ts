import type { NoteResolvers } from '#schema/generated/customers.types.ts'
import { portalId } from '../store/portal-ids.ts'
import { about, customer, owner } from './belonging.ts'
import { pendingWrites } from './pending-writes.ts'

export const Note: NoteResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.records.notes.byId.load(id),
  notedAt: (note) => note.noted_at,
  hubspotNoteId: (note) => portalId(note.external_id),
  pendingWrites,
  createdAt: (note) => note.source_created_at,
  updatedAt: (note) => note.valid_from,
  customer,
  contact: about('contacts'),
  deal: about('deals'),
  ticket: about('tickets'),
  owner,
}
