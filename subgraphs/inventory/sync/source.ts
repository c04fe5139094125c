import type { C3, C3ListOptions, Kind, Kinds } from '#connectors/c3/index.ts'
import { ID_FIELDS } from '#connectors/c3/index.ts'
import type { Source, SourcePage, SourceRecord, SourceType } from '#sync/source.ts'
import { KINDS } from '../domain/kinds.ts'
import { valuesOf } from './values.ts'

type Record<K extends Kind> = Kinds[K]

const idOf = <K extends Kind>(kind: K, record: Record<K>): string =>
  String((record as unknown as { [field: string]: unknown })[ID_FIELDS[kind]])

const pages = async function* <K extends Kind>(
  kind: K,
  listed: AsyncIterable<{ records: Record<K>[]; next: string | undefined }>,
): AsyncGenerator<SourcePage> {
  for await (const page of listed)
    yield {
      next: page.next,
      records: page.records.filter(({ deleted }) => !deleted).map((record) => recordOf(kind, record)),
      gone: page.records.filter(({ deleted }) => deleted).map((record) => idOf(kind, record)),
    }
}

const recordOf = <K extends Kind>(kind: K, record: Record<K>): SourceRecord => ({
  externalId: idOf(kind, record),
  values: valuesOf[kind](record),
  modifiedAt: new Date(record.updatedAt),
  // A line that C3 has taken out of a request has no price any more, and says nothing of it.
  isWhole: true,
  revision: String(record.version),
})

/** C3 as the sync engine reads it: each kind by (modified, id), and by id. */
export const c3Source = (c3: C3, kinds: readonly (typeof KINDS)[number][] = KINDS): Source => {
  const type = <K extends Kind>(kind: K): SourceType => ({
    type: kind,
    list: (after) => pages(kind, c3.list(kind, { after })),
    listsByTime: true,
    changes: ({ since, after }) =>
      pages(kind, c3.list(kind, { updatedSince: since, after } satisfies C3ListOptions)),
    read: async (ids) => {
      const found = (await c3.read(kind, ids)).filter(({ deleted }) => !deleted)
      const known = new Set(found.map((record) => idOf(kind, record)))
      return {
        records: found.map((record) => recordOf(kind, record)),
        missing: ids.filter((id) => !known.has(id)),
      }
    },
  })
  return { types: kinds.map((kind) => type(kind)), calls: () => c3.requests.total }
}
