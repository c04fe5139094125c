import type { NoteResolvers } from '#schema/generated/customers.types.ts'
import { about, customer, owner } from './belonging.ts'

export const Note: NoteResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.records.notes.byId.load(id),
  notedAt: (note) => note.noted_at,
  hubspotNoteId: (note) => note.external_id,
  createdAt: (note) => note.source_created_at,
  updatedAt: (note) => note.valid_from,
  customer,
  contact: about('contacts'),
  deal: about('deals'),
  ticket: about('tickets'),
  owner,
}
