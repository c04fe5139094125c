import { type Awaiting, awaitingOf } from '#sync/awaiting.ts'
import { isPlaceholder } from '#sync/links.ts'
import { type Pending, pendingOf } from '#sync/pending.ts'
import type { FieldValue } from '#sync/values.ts'
import { isPersonal, type KnownProperty } from '../domain/catalog.ts'
import { hubFields } from '../domain/hub-fields.ts'
import type { RecordType } from '../domain/kinds.ts'
import { fieldToLinks, isLinkField, typeOfLinkField } from '../domain/links.ts'
import type { PendingFieldRow, PendingWriteRow } from '../domain/pending-writes.ts'
import { isMapped } from '../domain/written-fields.ts'
import { catalogsOf, known } from '../store/catalog.ts'
import { integrationsOf } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'
import { takesOf } from './takes.ts'
import { mayPush, plainTarget } from './target.ts'

/**
 * What of records is still to be written to HubSpot, by our ids: two statements when nothing is. Else some more for each connection and
 * kind of record, however many records.
 */
export const pendingWritesOf = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, PendingWriteRow[]>> => {
  const awaiting = await awaitingOf(tx, orgId, ids)
  const found = new Map<string, PendingWriteRow[]>()
  if (awaiting.length === 0) return found
  const portals = [...new Set(awaiting.map(({ connectionId }) => connectionId))]
  const catalogs = await catalogsOf(tx, orgId, portals)
  const rows = new Map((await integrationsOf(tx, orgId, portals)).map((row) => [row.id, row]))
  const lanes = Map.groupBy(awaiting, ({ connectionId, type }) => `${connectionId} ${type}`)
  for (const lane of lanes.values()) {
    const { connectionId, type } = lane[0]!
    const catalog = catalogs.get(connectionId) ?? new Map()
    const row = rows.get(connectionId)
    const isHeld = !(await mayPush(tx, orgId, connectionId, type))
    const pending = await pendingOf(
      tx,
      {
        target: plainTarget,
        sink: { takes: async () => takesOf(catalog, { sendsAddresses: row?.sends_addresses ?? false }) },
      },
      { orgId, connectionId, type },
      lane.map(({ localId }) => localId),
    )
    const labels = known(catalog.get(type) ?? [])
    const waits = new Map(lane.map((each) => [each.localId, each]))
    for (const each of pending) {
      const wait = waits.get(each.localId)
      if (wait) found.set(each.localId, [shown(each, wait, type as RecordType, labels, isHeld)])
    }
  }
  return found
}

const OPERATIONS = { CREATE: 'CREATE', UPDATE: 'UPDATE', ARCHIVE: 'DELETE' } as const

const shown = (
  { operation, fields }: Pending,
  wait: Awaiting,
  type: RecordType,
  catalog: ReadonlyMap<string, KnownProperty>,
  isHeld: boolean,
): PendingWriteRow => {
  const state = wait.isGivenUp ? 'GIVEN_UP' : isHeld ? 'HELD' : wait.attempts > 0 ? 'RETRYING' : 'WAITING'
  return {
    ...{ operation: OPERATIONS[operation], type, state, since: wait.since, attempts: wait.attempts },
    fields: Object.entries(fields)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { from, to }]) => fieldOf(type, name, catalog.get(name), from, to)),
    lastError: wait.reason ?? wait.code,
    guidance: state === 'HELD' ? HELD : wait.guidance,
    nextTryAt: state === 'RETRYING' ? wait.dueAt : null,
  }
}

const HELD =
  'It goes over once the connection sends: approve a plan of its first writes, end its pause, or connect it again.'

/** Properties that hold the words of persons, of kinds that have no catalogue of their own to say so. */
const WORDS = new Set(['hs_task_subject', 'hs_task_body', 'hs_note_body', 'subject', 'content'])

const fieldOf = (
  type: RecordType,
  name: string,
  property: KnownProperty | undefined,
  from: FieldValue,
  to: FieldValue,
): PendingFieldRow => ({
  name: isLinkField(name) ? typeOfLinkField(name) : name,
  label: property?.label ?? null,
  from: textOf(name, from),
  to: textOf(name, to),
  personal:
    WORDS.has(name) || (property !== undefined && isPersonal(type, property)) || isSaidOfPersons(type, name),
})

const isSaidOfPersons = (type: RecordType, name: string): boolean =>
  type === 'contacts' &&
  isMapped(type) &&
  Object.values(hubFields(type)).some(({ personal, from }) => personal !== undefined && from.includes(name))

const textOf = (name: string, value: FieldValue): string | null => {
  if (value === null) return null
  if (!isLinkField(name)) return Array.isArray(value) ? value.join(';') : String(value)
  const ids = fieldToLinks(value).flatMap(({ id }) => (isPlaceholder(id) ? [] : [id]))
  return ids.length === 0 ? null : ids.join(', ')
}
