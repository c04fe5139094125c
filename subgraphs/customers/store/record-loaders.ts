import { idLoader, type Loader, loader } from '#service/loader.ts'
import type { ChildType } from '../domain/kinds.ts'
import type { ChildRows } from './child-rows.ts'
import {
  type ChildPage,
  type CurrencySum,
  childrenById,
  childrenByRecord,
  childrenOf,
  countChildren,
  sumDeals,
} from './children.ts'
import type { Transaction } from './transaction.ts'

/** How records of one kind are found, all that one request asks for together. */
export interface RecordLoaders<T extends ChildType> {
  byId: Loader<string, ChildRows[T], void>
  /** By `integration/portal's id`. */
  byRecord: Loader<string, ChildRows[T], void>
  /** By the parent's id. */
  pages: Loader<string, ChildRows[T][], ChildPage>
  counts: Loader<string, number, Pick<ChildPage, 'of' | 'filter'>>
}

/** The loaders of every kind but companies. */
export type AllRecordLoaders = { [T in ChildType]: RecordLoaders<T> } & {
  /** What deals are worth together, by the parent's id. */
  dealSums: Loader<string, CurrencySum[], Pick<ChildPage, 'of' | 'filter'>>
}

/** Makes the loaders of one request. */
export const recordLoaders = (
  read: <V>(run: (tx: Transaction) => Promise<V>) => Promise<V>,
  orgId: string,
): AllRecordLoaders => {
  const of = <T extends ChildType>(type: T): RecordLoaders<T> => ({
    byId: idLoader((ids) => read((tx) => childrenById(tx, orgId, type, ids))),
    byRecord: loader((keys) => read((tx) => childrenByRecord(tx, orgId, type, keys))),
    pages: loader((ids, page) => read((tx) => childrenOf(tx, orgId, type, ids, page))),
    counts: loader((ids, asked) => read((tx) => countChildren(tx, orgId, type, ids, asked))),
  })
  return {
    contacts: of('contacts'),
    deals: of('deals'),
    tickets: of('tickets'),
    tasks: of('tasks'),
    notes: of('notes'),
    dealSums: loader((ids, asked) => read((tx) => sumDeals(tx, orgId, ids, asked))),
  }
}
