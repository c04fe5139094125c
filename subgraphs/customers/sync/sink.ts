import {
  type HubSpot,
  type HubSpotBatch,
  type HubSpotRefusal,
  VendorRefused,
} from '#connectors/hubspot/index.ts'
import { isPlaceholder } from '#sync/links.ts'
import type { Refusal, Sink, Write, WriteAnswer } from '#sync/sink.ts'
import type { FieldValue } from '#sync/values.ts'
import { KeyMissing } from '../domain/connection-errors.ts'
import { kindOf, type RecordType } from '../domain/kinds.ts'
import { fieldToLinks, isLinkField } from '../domain/links.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import type { OwnedType } from '../domain/provisioning.ts'
import { NEVER_TAKEN } from '../domain/secrets.ts'
import { judgeWritable } from '../domain/writable.ts'
import { known, type PortalPropertyRow } from '../store/catalog.ts'
import { writeLinks } from './write-links.ts'

type Properties = Record<string, string | null>

/** HubSpot says these by itself, whatever we would say. */
const NEVER_WRITTEN = new Set(['createdate', 'hs_createdate', EXTERNAL_KEY, ...NEVER_TAKEN])

/** A HubSpot portal as the sync engine writes it. @param catalog its properties as they were last read, by type */
export const hubSpotSink = (
  hubspot: HubSpot,
  catalog: ReadonlyMap<string, readonly PortalPropertyRow[]>,
): Sink => {
  const writable = writableOf(catalog)
  return {
    takes: (type, field, value) =>
      isLinkField(field)
        ? fieldToLinks(value).every(({ id }) => !isPlaceholder(id))
        : !NEVER_WRITTEN.has(field) && writable(type, field, value),
    write: async (type, writes) => {
      const doing = (operation: Write['operation']) => writes.filter((each) => each.operation === operation)
      const answers = [
        await archive(hubspot, type, doing('ARCHIVE')),
        await writeRows(doing('UPDATE'), nameOf, (rows) => hubspot.updateBatch(type, rows)),
        writable(type, EXTERNAL_KEY)
          ? await writeRows(doing('CREATE'), keyOf, (rows) => hubspot.upsertBatch(type, EXTERNAL_KEY, rows))
          : refuse(doing('CREATE'), KeyMissing.with({ type })),
      ]
      const answer = {
        written: answers.flatMap(({ written }) => written),
        refused: answers.flatMap(({ refused }) => refused),
      }
      return await writeLinks(hubspot, type, writes, answer)
    },
  }
}

/** Which values may be written. Of kinds whose properties nobody lists, those of the properties that we know. */
const writableOf = (catalog: ReadonlyMap<string, readonly PortalPropertyRow[]>) => {
  const judges = new Map(
    [...catalog].map(([type, rows]) => [type, judgeWritable(type as OwnedType, known(rows))]),
  )
  return (type: string, property: string, value?: FieldValue): boolean => {
    const judge = judges.get(type)
    if (judge) return judge.refusalOf(property, value === undefined ? undefined : textOf(value)) === null
    return property === EXTERNAL_KEY || (kindOf(type as RecordType).properties?.includes(property) ?? false)
  }
}

const refuse = (writes: readonly Write[], error: unknown): WriteAnswer => ({
  written: [],
  refused: writes.map(({ id }) => ({ id, error, existingId: undefined })),
})

const archive = async (hubspot: HubSpot, type: string, writes: readonly Write[]): Promise<WriteAnswer> => {
  if (writes.length === 0) return NOTHING
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

type Send = (rows: { trace: string; id: string; properties: Properties }[]) => Promise<HubSpotBatch>

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

const textOf = (value: FieldValue): string | null =>
  value === null ? null : Array.isArray(value) ? value.join(';') : String(value)

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
  error: VendorRefused.with({ vendor: 'HubSpot', reason: message === '' ? category : message }),
  existingId,
})
