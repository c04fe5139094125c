import { type RawBuilder, sql } from 'kysely'

/** A place in a list: the values of the order's columns at one row. */
export type Place = readonly (string | number | null)[]

/** An order of a list, with everything that follows from it. `of` is what the rows are called in the query. */
interface Order {
  /** How many values a place in it has. */
  length: number
  columns(of: string): RawBuilder<unknown>
  by(of: string): RawBuilder<unknown>
  behind(of: string, place: Place): RawBuilder<unknown>
  place(row: Readonly<Record<string, unknown>>): Place
}

type Columns = Readonly<Record<string, 'text' | 'bigint' | 'timestamptz' | 'uuid'>>

/**
 * @param columns in order, all one way, the last one unique
 * @param sources what a column is called in the table, where the list names it otherwise
 */
const order = (
  columns: Columns,
  way: 'up' | 'down',
  sources: Readonly<Record<string, (of: string) => RawBuilder<unknown>>> = {},
): Order => {
  const names = Object.keys(columns)
  const column = (of: string, name: string) =>
    of === 't' && sources[name] ? sources[name](of) : sql.ref(`${of}.${name}`)
  const all = (of: string) => sql.join(names.map((name) => column(of, name)))
  return {
    length: names.length,
    columns: all,
    by: (of) =>
      sql.join(names.map((name) => sql`${column(of, name)} ${sql.raw(way === 'up' ? 'asc' : 'desc')}`)),
    behind: (of, place) => {
      const values = names.map((name, n) => sql`${place[n] ?? null}::${sql.raw(columns[name] ?? 'text')}`)
      return sql`(${all(of)}) ${sql.raw(way === 'up' ? '>' : '<')} (${sql.join(values)})`
    },
    place: (row) => names.map((name) => placed(row[name])),
  }
}

const placed = (value: unknown): string | number | null =>
  value instanceof Date ? value.toISOString() : ((value ?? null) as string | number | null)

/** The orders that lists of records come in. */
export const ORDERS = {
  name: order({ name_key: 'text', id: 'uuid' }, 'up'),
  engagement: order({ engagement_rank: 'bigint', name_key: 'text', id: 'uuid' }, 'up'),
  newest: order({ source_created_at: 'timestamptz', id: 'uuid' }, 'down'),
  noted: order({ noted_at: 'timestamptz', id: 'uuid' }, 'down'),
  soonest: order({ due_at: 'timestamptz', id: 'uuid' }, 'up'),
  renewal: order({ due_at: 'timestamptz', id: 'uuid' }, 'up', {
    due_at: () => sql`coalesce(t.contract_end, t.close_date)`,
  }),
} satisfies Record<string, Order>

export type OrderName = keyof typeof ORDERS
