import { audit } from '#service/audit.ts'
import type { Context } from '../context.ts'
import type { Subject } from '../domain/person.ts'
import { portalsOf } from '../store/identifiers.ts'
import { findPerson, type Person } from '../store/people.ts'
import { exportRows, type Held, recordsAbout } from '../store/personal-data.ts'
import type { Transaction } from '../store/transaction.ts'

/** What a person is handed: see docs/privacy.md. */
interface PersonDocument {
  format: 'tributary.person'
  version: 1
  exportedAt: string
  person: {
    contactIds: string[]
    emails: string[]
    phones: string[]
    records: { portal: string; contactId: string }[]
  }
  /** Rows by the place they lie in, every column that is declared for it. */
  stores: Record<string, Record<string, unknown>[]>
}

/** Hands over everything held about a person, and leaves an audit row of the act. */
export const exportPerson = (
  ctx: Context,
  subject: Subject,
): Promise<{ document: PersonDocument; stores: Held[] } | 'nobody' | 'several'> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const found = await findPerson(tx, orgId, subject)
    if (typeof found === 'string') return found
    const held = await exportRows(tx, orgId, found.person, await recordsAbout(tx, orgId, found.person))
    const at = clock.now()
    const stores = held.map(({ store, rows }) => ({ store, rows: rows.length }))
    await audit(tx, {
      orgId,
      principal,
      action: 'exportPerson',
      // Of somebody unknown there is no id to name.
      subject: { type: 'Contact', id: found.person.contactIds[0] ?? 'unknown' },
      after: Object.fromEntries(stores.map(({ store, rows }) => [store, rows])),
      at,
    })
    return {
      document: {
        format: 'tributary.person',
        version: 1,
        exportedAt: at.toISOString(),
        person: await knownAs(tx, orgId, found.person),
        stores: Object.fromEntries(held.map(({ store, rows }) => [store, rows])),
      },
      stores,
    }
  })

const knownAs = async (tx: Transaction, orgId: string, person: Person): Promise<PersonDocument['person']> => {
  const portals = await portalsOf(tx, orgId)
  const { contactIds, emails, phones, records } = person
  return {
    contactIds,
    emails,
    phones,
    records: records.map(({ connection, record }) => ({
      portal: portals.get(connection) ?? connection,
      contactId: record,
    })),
  }
}
