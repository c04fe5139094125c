import type { ChildType } from '../domain/kinds.ts'
import { contacts } from './contacts.ts'
import { deals } from './deals.ts'
import { notes } from './notes.ts'
import type { PortalFacts } from './portal-facts.ts'
import type { Kind } from './records.ts'
import { tasks } from './tasks.ts'
import { tickets } from './tickets.ts'

/** Every kind of record of one portal, but companies. */
export const kindsOf = (facts: PortalFacts): Record<ChildType, Kind> => ({
  contacts: contacts(facts),
  deals: deals(facts),
  tickets: tickets(facts),
  tasks,
  notes,
})
