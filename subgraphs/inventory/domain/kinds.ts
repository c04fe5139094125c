/** The kinds of record that are kept in step, as C3 names them, in the order they are begun. */
export const KINDS = ['customers', 'suppliers', 'rfqs', 'inventory', 'transactions'] as const
export type RecordType = (typeof KINDS)[number]
