import { isId } from '#kernel/ids.ts'
import type { RecordType } from '../domain/kinds.ts'
import type { ChildFilter } from './child-filters.ts'
import { listChildren } from './children.ts'
import { type CustomerFilter, customersById, listCustomers } from './customers.ts'
import type { Transaction } from './transaction.ts'

/** Which records are meant. */
export interface Selection {
  type: RecordType
  ids: readonly string[] | null
  tickets: ChildFilter | null
  tasks: ChildFilter | null
  customers: CustomerFilter | null
}

/**
 * The records that are meant, each once: one statement. Of customers their leading companies.
 * @returns null when it is not said in the one way that the kind has
 */
export const selectedRecords = async (
  tx: Transaction,
  orgId: string,
  { type, ids, tickets, tasks, customers }: Selection,
  limit: number,
): Promise<string[] | null> => {
  const ways = [ids, tickets, tasks, customers].filter((way) => way !== null)
  if (ways.length !== 1) return null
  if (ids !== null) return await named(tx, orgId, type, ids)
  const page = { limit, after: null }
  if (customers !== null && type === 'companies') {
    const rows = await listCustomers(tx, orgId, { filter: customers, order: 'NAME', ...page })
    return rows.flatMap((row) => row.lead_company_id ?? [])
  }
  if (tickets !== null && type === 'tickets')
    return (await listChildren(tx, orgId, 'tickets', { order: 'newest', filter: tickets, ...page })).map(
      ({ id }) => id,
    )
  if (tasks !== null && type === 'tasks')
    return (await listChildren(tx, orgId, 'tasks', { order: 'soonest', filter: tasks, ...page })).map(
      ({ id }) => id,
    )
  return null
}

const named = async (
  tx: Transaction,
  orgId: string,
  type: RecordType,
  ids: readonly string[],
): Promise<string[]> => {
  const sound = [...new Set(ids.filter(isId))]
  if (type !== 'companies') return sound
  const found = await customersById(tx, orgId, sound)
  // One that is not there keeps its place, and is told to be missing.
  return [...new Set(sound.map((id) => found.get(id)?.lead_company_id ?? id))]
}
