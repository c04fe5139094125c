import type { RecordType } from './kinds.ts'

/** A kind of record that is kept in step, as the graph names it. */
export type SyncedObject = Uppercase<RecordType>
export const objectOfType = (type: RecordType): SyncedObject => type.toUpperCase() as SyncedObject
export const typeOfSynced = (object: SyncedObject): RecordType => object.toLowerCase() as RecordType
