import { isId } from '#kernel/ids.ts'
import { type AuditEntry, auditAll } from '#service/audit.ts'
import { takeTurnOf } from '#sync/checkpoint.ts'
import type { Context } from '../context.ts'
import { whyNot } from '../domain/accepting.ts'
import {
  assumedOf,
  type Judged,
  judgeRecord,
  type Named,
  type RecordInput,
  type Writing,
  type Wrong,
} from '../domain/judging-record.ts'
import type { RecordType } from '../domain/kinds.ts'
import { compileField, mappingOf } from '../domain/mapping.ts'
import type { Said } from '../domain/values.ts'
import { isMapped, REFERENCES, WRITTEN_FIELDS } from '../domain/written-fields.ts'
import { known, propertiesOfType } from '../store/catalog.ts'
import { integrationsOf } from '../store/integrations.ts'
import { mappingIn, mappingsOf } from '../store/mappings.ts'
import { stagesOf } from '../store/portal.ts'
import type { RecordPlace } from '../store/records.ts'
import type { Transaction } from '../store/transaction.ts'
import {
  contactsByEmail,
  namedOwners,
  namedRecords,
  type StandingRow,
  standingRecords,
} from '../store/written-records.ts'

/** Who writes, and with what. */
export type Writer = Pick<Context, 'orgId' | 'clock' | 'changeRecords'> & {
  principal: AuditEntry['principal']
}

/** A record as somebody wants it. */
export interface Wanted {
  /** Of one that is to be made, the id that it gets: one that is here already was made by the same request. */
  id: string
  input: RecordInput
  expectedVersion?: number | null | undefined
}

/** What became of one of them. */
export type Outcome =
  | { state: 'WRITTEN' | 'UNCHANGED'; id: string }
  | { state: 'REFUSED'; wrong: Wrong }
  | { state: 'STALE'; version: number }
  | { state: 'MISSING' }

/** What one request does with its records: they are of one kind and one portal. */
export type Deed = 'CREATE' | 'UPDATE' | 'DELETE'

const GRAPH_TYPES: Readonly<Record<RecordType, string>> = {
  companies: 'Customer',
  contacts: 'Contact',
  deals: 'Deal',
  tickets: 'Ticket',
  tasks: 'Task',
  notes: 'Note',
}
const DEEDS = { CREATE: 'create', UPDATE: 'update', DELETE: 'delete' } as const

/**
 * Writes records of one kind and one portal as somebody wants them, and notes them to be written to HubSpot: in the caller's
 * transaction, with a number of statements that does not depend on that of records. What is refused changes nothing.
 * @returns what became of each, in order
 */
export const writeRecords = async (
  tx: Transaction,
  writer: Writer,
  place: RecordPlace,
  deed: Deed,
  wanted: readonly Wanted[],
): Promise<Outcome[]> => {
  const { orgId, clock } = writer
  const { integrationId, type } = place
  // Whoever reads the same records from the portal waits: what is looked at here is what is changed.
  await takeTurnOf(tx, { connectionId: integrationId, type })
  const writing = await openWriting(tx, place, clock.now())
  const [row] = await integrationsOf(tx, orgId, [integrationId])
  if (!row || row.disconnected_at) return wanted.map(() => ({ state: 'MISSING' }))
  const refused = whyNot(row, type, writing.catalog, deed === 'CREATE')
  if (refused) return wanted.map(() => ({ state: 'REFUSED', wrong: refused }))
  const emails = deed === 'CREATE' && type === 'contacts' ? wanted.map(emailOf) : []
  const known = await knownPeople(tx, place, wanted, emails)
  const twins = new Set(emails.flatMap((email, n) => (email !== '' && emails.indexOf(email) < n ? [n] : [])))
  const ids = wanted.map(({ id }, n) => known.get(n) ?? id)
  const standing = await standingRecords(tx, orgId, type, [...new Set(ids.filter(isId))])
  const named = deed === 'DELETE' ? NOBODY : await nameAll(tx, place, wanted)
  const judged = wanted.map((each, n): Verdict => {
    const held = standing.get(ids[n] ?? '')
    // The second of two in one request would meet the first only in HubSpot.
    if (ids.indexOf(ids[n] ?? '') < n || twins.has(n)) return { outcome: { state: 'REFUSED', wrong: TWICE } }
    // The first request that made it has made it.
    if (deed === 'CREATE' && held && !known.has(n)) return { outcome: { state: 'UNCHANGED', id: held.id } }
    if (deed !== 'CREATE') {
      const outcome = looked(held, integrationId, each.expectedVersion, deed)
      if (outcome) return { outcome }
    }
    if (deed === 'DELETE') return { deleted: held as StandingRow }
    const verdict = judgeRecord(writing, each.input, named, held?.properties)
    if ('message' in verdict) return { outcome: { state: 'REFUSED', wrong: verdict } }
    return held ? { held, judged: verdict } : { judged: verdict }
  })
  await apply(tx, writer, place, writing, deed, ids, judged)
  return judged.map((verdict, n) => verdict.outcome ?? outcomeOf(verdict, ids[n] ?? ''))
}

interface Verdict {
  outcome?: Outcome
  judged?: Judged
  held?: StandingRow
  deleted?: StandingRow
}

const NOBODY: Named = { owners: new Map(), records: new Map() }

const outcomeOf = ({ judged, held }: Verdict, id: string): Outcome => ({
  state: held && judged && judged.changed.length === 0 ? 'UNCHANGED' : 'WRITTEN',
  id,
})

/** Why a record that is named cannot be changed; undefined when it can. Deleting what was deleted has been done. */
const looked = (
  held: StandingRow | undefined,
  integrationId: string,
  expectedVersion: number | null | undefined,
  deed: Deed,
): Outcome | undefined => {
  if (!held || held.integration_id !== integrationId || held.merged_into) return { state: 'MISSING' }
  if (held.gone_at) return deed === 'DELETE' ? { state: 'UNCHANGED', id: held.id } : { state: 'MISSING' }
  if (expectedVersion !== null && expectedVersion !== undefined && expectedVersion !== held.version)
    return { state: 'STALE', version: held.version }
  return undefined
}

/** What is known of a portal around the writing of a kind of record: three statements. */
const openWriting = async (tx: Transaction, place: RecordPlace, at: Date): Promise<Writing> => {
  const { orgId, integrationId, type } = place
  const catalog = known(await propertiesOfType(tx, place, type))
  const mappings = await mappingsOf(tx, orgId, [integrationId])
  const overrides = isMapped(type) ? mappingIn(mappings, integrationId, type).fields : {}
  const stages = (await stagesOf(tx, place)).filter((stage) => stage.type === type)
  return { type, overrides, catalog, stages, at }
}

/** HubSpot knows people by their addresses: one who is here already is changed, as HubSpot would have it. */
const knownPeople = async (
  tx: Transaction,
  place: RecordPlace,
  wanted: readonly Wanted[],
  emails: readonly string[],
): Promise<Map<number, string>> => {
  const here = await contactsByEmail(tx, place, [...new Set(emails.filter((email) => email !== ''))])
  return new Map(
    emails.flatMap((email, n) => {
      const id = here.get(email)
      return id === undefined || id === wanted[n]?.id ? [] : [[n, id] as const]
    }),
  )
}

const emailOf = ({ input }: Wanted): string =>
  typeof input.email === 'string' ? input.email.trim().toLowerCase() : ''

const TWICE: Wrong = { field: 'records', code: 'TWICE', message: 'It is named twice in one request.' }

/** What the portal calls everything that the inputs name. */
const nameAll = async (tx: Transaction, place: RecordPlace, wanted: readonly Wanted[]): Promise<Named> => {
  const asked = new Map<RecordType, Set<string>>()
  const owners = new Set<string>()
  for (const { input } of wanted) {
    if (typeof input.ownerId === 'string' && isId(input.ownerId)) owners.add(input.ownerId)
    for (const [field, { type }] of Object.entries(REFERENCES)) {
      const named = input[field]
      const ids = (Array.isArray(named) ? named : [named]).filter((id) => typeof id === 'string' && isId(id))
      if (ids.length > 0) asked.set(type, new Set([...(asked.get(type) ?? []), ...ids]))
    }
  }
  return {
    owners: await namedOwners(tx, place, [...owners]),
    records: await namedRecords(tx, place, new Map([...asked].map(([type, ids]) => [type, [...ids]]))),
  }
}

const apply = async (
  tx: Transaction,
  writer: Writer,
  place: RecordPlace,
  writing: Writing,
  deed: Deed,
  ids: readonly string[],
  verdicts: readonly Verdict[],
): Promise<void> => {
  const { orgId, principal } = writer
  const { at, type } = writing
  const made = verdicts.flatMap(({ judged, held }, n) =>
    judged && !held ? [{ localId: ids[n] ?? '', values: judged.values, assumed: assumedOf(type, at) }] : [],
  )
  const updates = verdicts.flatMap(({ judged, held }) =>
    judged && held && judged.changed.length > 0 ? [{ localId: held.id, values: judged.values }] : [],
  )
  const deletes = verdicts.flatMap(({ deleted }) => deleted?.id ?? [])
  if (made.length + updates.length + deletes.length === 0) return
  await writer.changeRecords(tx, place, { creates: made, updates, deletes }, at)
  const written = new Map(
    type === 'companies'
      ? await standingRecords(
          tx,
          orgId,
          type,
          made.map(({ localId }) => localId),
        )
      : [],
  )
  await auditAll(
    tx,
    verdicts.flatMap((verdict, n): AuditEntry[] => {
      const { judged, held, deleted } = verdict
      if (!deleted && (!judged || (held && judged.changed.length === 0))) return []
      const id = ids[n] ?? ''
      const company = (deleted ?? held ?? written.get(id))?.customer_id
      const subject = { type: GRAPH_TYPES[type], id: company ?? id }
      const action = `${DEEDS[deed]}${type === 'companies' ? 'Company' : GRAPH_TYPES[type]}`
      const said = deleted
        ? { before: { isDeleted: false }, after: { isDeleted: true } }
        : told(writing, verdict)
      return [{ orgId, principal, action, subject, ...said, at }]
    }),
  )
}

/** What a change was, by the names of the graph. Of properties only which: what they hold may be anything. */
const told = (
  writing: Writing,
  { judged, held }: Verdict,
): { before: Record<string, unknown>; after: Record<string, unknown> } => {
  const after: Record<string, unknown> = {}
  const before: Record<string, unknown> = {}
  for (const field of judged?.changed ?? []) {
    if (field === 'properties') after.properties = Object.keys(judged?.values ?? {}).sort()
    else if (WRITTEN_FIELDS[writing.type][field]) {
      before[field] = shownOf(writing, field, held?.properties ?? {})
      after[field] = shownOf(writing, field, { ...held?.properties, ...judged?.values })
    } else after[field] = 'changed'
  }
  return { before, after }
}

const shownOf = ({ type, overrides }: Writing, field: string, says: Record<string, unknown>): Said => {
  const { hubField, property = '' } = WRITTEN_FIELDS[type][field] ?? {}
  return hubField !== undefined && isMapped(type)
    ? compileField(mappingOf(type, hubField, overrides))(says)
    : ((says[property] as Said) ?? null)
}
