import { isId } from '#kernel/ids.ts'
import { idLoader, type Loader, loader } from '#service/loader.ts'
import type { MappedType } from '../domain/hub-fields.ts'
import type { RecordType } from '../domain/kinds.ts'
import { compileMappings, type Mapped, type Overrides } from '../domain/mapping.ts'
import { catalogsOf, type PortalPropertyRow } from './catalog.ts'
import { type MappingsRow, mappingsOf, overridesOf } from './mappings.ts'
import { type RecordPropertyRow, recordProperties } from './record-properties.ts'
import { type Rederiving, rederivationsOf } from './rederivations.ts'
import type { Transaction } from './transaction.ts'

/** How portals' properties and their mappings are found, all that one request asks for together. */
export interface MappingLoaders {
  /** How portals are mapped, by connection: what somebody made, and all of it ready to read records with. */
  mapped: Loader<string, MappedPortal, void>
  /** Everything known of portals' properties, by connection and type. */
  catalogs: Loader<string, Map<string, PortalPropertyRow[]>, void>
  rederivations: Loader<string, Rederiving[], void>
  /** What records say beyond the hub's own fields, by record. */
  recordProperties: Loader<string, RecordPropertyRow[], { type: RecordType; names: readonly string[] | null }>
}

/** The mappings of one portal. */
export interface MappedPortal {
  rows: readonly MappingsRow[]
  overrides: Partial<Record<MappedType, Overrides>>
  fields: Mapped
}

const mappedPortal = (rows: readonly MappingsRow[]): MappedPortal => {
  const overrides = overridesOf(rows)
  return { rows, overrides, fields: compileMappings(overrides) }
}

/** Makes the loaders of one request. */
export const mappingLoaders = (
  read: <V>(run: (tx: Transaction) => Promise<V>) => Promise<V>,
  orgId: string,
): MappingLoaders => {
  const byId = <V>(batch: (tx: Transaction, ids: readonly string[]) => Promise<ReadonlyMap<string, V>>) =>
    idLoader<V>((ids) => read((tx) => batch(tx, ids)))
  return {
    mapped: byId(async (tx, ids) => {
      const portals = Map.groupBy(await mappingsOf(tx, orgId, ids), (row) => row.integration_id)
      return new Map([...portals].map(([id, rows]) => [id, mappedPortal(rows)]))
    }),
    catalogs: byId((tx, ids) => catalogsOf(tx, orgId, ids)),
    rederivations: byId(async (tx, ids) =>
      Map.groupBy(await rederivationsOf(tx, orgId, ids), (row) => row.integration_id),
    ),
    recordProperties: loader((ids, { type, names }) =>
      read((tx) => recordProperties(tx, orgId, type, ids.filter(isId), names)),
    ),
  }
}
