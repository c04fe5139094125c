import {
  type HubSpot,
  type HubSpotBatch,
  type HubSpotRefusal,
  VendorRefused,
  VendorUnavailable,
} from '#connectors/hubspot/index.ts'
import type { Refusal, Sink, Write, WriteAnswer } from '#sync/sink.ts'
import { KeyMissing } from '../domain/connection-errors.ts'
import type { RecordType } from '../domain/kinds.ts'
import { isLinkField } from '../domain/links.ts'
import { recordThatMayLeave } from '../domain/may-leave.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import type { PortalPropertyRow } from '../store/catalog.ts'
import type { RulesFor } from './leaving.ts'
import { callsToLookBehind, overwrittenBy } from './overwritten.ts'
import { writableOf } from './takes.ts'
import { callsToWriteLinks, writeLinks } from './write-links.ts'
import { textOf } from './written-text.ts'

type Properties = Record<string, string | null>

/**
 * A HubSpot portal as the sync engine writes it.
 * @param catalog its properties as they were last read, by type
 * @param takes which of them may be written by now
 * @param rulesFor what may go there of what is about to be written
 */
export const hubSpotSink = (
  hubspot: HubSpot,
  catalog: ReadonlyMap<string, readonly PortalPropertyRow[]>,
  takes: Sink['takes'],
  rulesFor: RulesFor,
): Sink => {
  const writable = writableOf(catalog)
  return {
    takes,
    callsToWrite: (_, writes) => {
      const of = (each: Write['operation']) => writes.filter(({ operation }) => operation === each)
      const sent = [of('ARCHIVE'), of('UPDATE').filter(hasProperties), of('CREATE')]
      return sent.filter(({ length }) => length > 0).length + callsToWriteLinks(writes)
    },
    callsToLookBehind: (_, writes) => callsToLookBehind(writes),
    overwritten: (type, writes) => overwrittenBy(hubspot, type, writes),
    write: async (type, writes) => {
      const { upsertBatch, updateBatch } = hubspot
      const now = await rulesFor(writes.flatMap(textsOf))
      const leaving = (row: Row): Row => {
        const { properties } = recordThatMayLeave(type as RecordType, row.properties, now)
        return { ...row, properties }
      }
      const steps: [Write['operation'], (some: readonly Write[]) => Promise<WriteAnswer>][] = [
        ['ARCHIVE', (some) => archive(hubspot, type, some)],
        ['UPDATE', (some) => writeRows(some, nameOf, (rows) => updateBatch(type, rows.map(leaving)))],
        [
          'CREATE',
          async (some) =>
            writable(type, EXTERNAL_KEY)
              ? await writeRows(some, keyOf, (rows) => upsertBatch(type, EXTERNAL_KEY, rows.map(leaving)))
              : refuse(some, KeyMissing.with({ type })),
        ],
      ]
      let answer = NOTHING
      for (const [operation, step] of steps) {
        const some = writes.filter((each) => each.operation === operation)
        if (some.length > 0) answer = joined(answer, await step(some).catch(told(answer, some)))
      }
      const written = writes.filter(({ id }) => answer.written.some((each) => each.id === id))
      return await writeLinks(hubspot, type, written, answer).catch((error: unknown) => {
        const [linked, others] = [new Set(written.filter(hasLinks).map(({ id }) => id)), answer.written]
        if (linked.size === 0) throw error
        const kept = { ...answer, written: others.filter(({ id }) => !linked.has(id)) }
        return joined(kept, refuse(written.filter(hasLinks), error))
      })
    },
  }
}

const textsOf = ({ fields }: Write): string[] =>
  Object.values(fields).flatMap(({ to }) => (typeof to === 'string' ? [to] : []))

const joined = (one: WriteAnswer, other: WriteAnswer): WriteAnswer => ({
  written: [...one.written, ...other.written],
  refused: [...one.refused, ...other.refused],
})

/** What a request comes to that failed: of the records before it is known what became of them, and that must not be lost. */
const told =
  (before: WriteAnswer, writes: readonly Write[]) =>
  (error: unknown): WriteAnswer => {
    if (before === NOTHING) throw error
    return refuse(writes, error)
  }

const hasLinks = ({ fields }: Write): boolean => Object.keys(fields).some(isLinkField)

const refuse = (writes: readonly Write[], error: unknown): WriteAnswer => ({
  written: [],
  refused: writes.map(({ id }) => ({ id, error, existingId: undefined })),
})

const archive = async (hubspot: HubSpot, type: string, writes: readonly Write[]): Promise<WriteAnswer> => {
  await hubspot.archiveBatch(
    type,
    writes.map(({ externalId }) => externalId ?? ''),
  )
  // HubSpot does not say when.
  const written = writes.map(({ id, externalId = '' }) => ({
    id,
    externalId,
    modifiedAt: undefined,
    left: [],
  }))
  return { written, refused: [] }
}

const NOTHING: WriteAnswer = { written: [], refused: [] }

const nameOf = ({ externalId }: Write): string => externalId ?? ''
const keyOf = ({ localId }: Write): string => localId

type Row = { trace: string; id: string; properties: Properties }
type Send = (rows: Row[]) => Promise<HubSpotBatch>

/**
 * Writes the properties of records. A property that the portal no longer has, or lets nobody write, is left out and the rest of its
 * record sent again.
 */
const writeRows = async (
  writes: readonly Write[],
  idOf: (write: Write) => string,
  send: Send,
): Promise<WriteAnswer> => {
  // Of some only links differ: they are written by themselves.
  const [rows, bare] = [writes.filter(hasProperties), writes.filter((write) => !hasProperties(write))]
  const first = await writeOnce(rows, idOf, send, new Set())
  const unwritable = new Set(first.refused.flatMap(({ properties = [] }) => properties))
  const again = rows.filter(({ id }) => first.refused.some((each) => each.trace === id && each.properties))
  const second = again.length === 0 ? EMPTY : await writeOnce(again, idOf, send, unwritable)
  const tried = new Set(again.map(({ id }) => id))
  const left = [...unwritable]
  return {
    written: [
      ...first.written.map((each) => writtenOf(each, [])),
      ...second.written.map((each) => writtenOf(each, left)),
      ...bare.map(({ id, externalId = '' }) => ({ id, externalId, modifiedAt: undefined, left: [] })),
    ],
    refused: [...first.refused.filter(({ trace }) => !tried.has(trace)), ...second.refused].map(refusalOf),
  }
}

const EMPTY: HubSpotBatch = { written: [], refused: [] }

/** A record that is to be made is sent whatever it says. */
const hasProperties = ({ operation, fields }: Write): boolean =>
  operation === 'CREATE' || Object.keys(fields).some((field) => !isLinkField(field))

const writeOnce = async (
  writes: readonly Write[],
  idOf: (write: Write) => string,
  send: Send,
  without: ReadonlySet<string>,
): Promise<HubSpotBatch> =>
  writes.length === 0
    ? EMPTY
    : await send(
        writes.map((write) => ({
          trace: write.id,
          id: idOf(write),
          properties: propertiesOf(write, without),
        })),
      )

const propertiesOf = ({ fields }: Write, without: ReadonlySet<string>): Properties =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([field, { to }]) =>
      isLinkField(field) || without.has(field) ? [] : [[field, textOf(to)]],
    ),
  )

const writtenOf = (
  { trace, id, updatedAt, properties }: HubSpotBatch['written'][number],
  left: readonly string[],
) => ({
  id: trace,
  externalId: id,
  modifiedAt: new Date(properties.lastmodifieddate ?? properties.hs_lastmodifieddate ?? updatedAt),
  left,
})

const refusalOf = ({ trace, category, message, existingId }: HubSpotRefusal): Refusal => ({
  id: trace,
  error:
    category === 'UNANSWERED'
      ? VendorUnavailable.with({ vendor: 'HubSpot' })
      : VendorRefused.with({ vendor: 'HubSpot', reason: message === '' ? category : message }),
  existingId,
})
