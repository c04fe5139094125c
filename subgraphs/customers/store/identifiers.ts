import {
  hubIdentifier,
  type Identifier,
  normalEmail,
  normalPhone,
  recordIdentifier,
  type Subject,
} from '../domain/person.ts'
import { integrationsOf } from './integrations.ts'
import type { Transaction } from './transaction.ts'

/** The portal's own id of each connection; the connection's where the portal has not told. */
export const portalsOf = async (tx: Transaction, orgId: string): Promise<Map<string, string>> =>
  new Map((await integrationsOf(tx, orgId)).map((row) => [row.id, row.portal_id ?? row.id]))

/** What somebody named a person by, as it may be suppressed. A record may be any portal's; what is no longer here has no id here. */
export const identifiersOfSubject = async (
  tx: Transaction,
  orgId: string,
  subject: Subject,
): Promise<Identifier[]> => {
  const email = normalEmail(subject.email)
  const phone = normalPhone(subject.phone)
  const record = subject.hubspotContactId
  return [
    ...(email === null ? [] : [{ kind: 'email' as const, value: email }]),
    ...(phone === null ? [] : [{ kind: 'phone' as const, value: phone }]),
    ...(subject.contactId == null ? [] : [hubIdentifier(subject.contactId)]),
    ...(record == null
      ? []
      : [...new Set((await portalsOf(tx, orgId)).values())].map((portal) =>
          recordIdentifier(portal, 'contacts', record),
        )),
  ]
}

/** Records as they may be suppressed, each once. */
export const identifiersOfRecords = async (
  tx: Transaction,
  orgId: string,
  records: readonly { type: string; connection: string; record: string }[],
): Promise<Identifier[]> => {
  const portals = await portalsOf(tx, orgId)
  const all = records.map(({ type, connection, record }) =>
    recordIdentifier(portals.get(connection) ?? connection, type, record),
  )
  return [...new Map(all.map((identifier) => [identifier.value, identifier])).values()]
}
