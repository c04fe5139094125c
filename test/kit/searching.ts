/** Looks for words in everything that a hub keeps and says: every column of every table, log lines, answers. */
import { session } from '#db/session.ts'

export interface Hit {
  word: string
  /** `schema.table.column`, or the name of the stream. */
  place: string
  /** What stands around the word. */
  around: string
}

const AROUND = 40
const aroundOf = (text: string, word: string): string => {
  const at = text.toLowerCase().indexOf(word.toLowerCase())
  return text.slice(Math.max(0, at - AROUND), at + word.length + AROUND)
}

/** Words in texts of a stream: log lines, bodies of answers, events. */
export const searchTexts = (place: string, texts: readonly string[], words: readonly string[]): Hit[] =>
  texts.flatMap((text) => {
    const plain = text.toLowerCase()
    return words
      .filter((word) => plain.includes(word.toLowerCase()))
      .map((word) => ({ word, place, around: aroundOf(text, word) }))
  })

/** Columns of a database that can hold words, whatever schema they are in: `[schema.table, column]`. */
export const wordColumns = (adminUrl: string): Promise<[string, string][]> =>
  session(adminUrl, async (client) => {
    const { rows } = await client.query<{ table: string; column: string }>(`
      select n.nspname || '.' || c.relname as "table", a.attname as "column"
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        join pg_type t on t.oid = a.atttypid left join pg_type e on e.oid = t.typelem
      where c.relkind in ('r', 'p', 'm') and a.attnum > 0 and not a.attisdropped
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and (t.typcategory in ('S', 'U', 'X', 'C', 'R') or t.typname in ('json', 'jsonb', 'bytea', 'xml')
          or (t.typcategory = 'A' and e.typcategory in ('S', 'U')))
        and t.typname not in ('uuid', '_uuid', 'pg_lsn', 'macaddr')
      order by 1, 2`)
    return rows.map(({ table, column }) => [table, column])
  })

/** Every column of a database in which one of the words stands, past all row security. */
export const searchDatabase = async (adminUrl: string, words: readonly string[]): Promise<Hit[]> => {
  const columns = await wordColumns(adminUrl)
  return session(adminUrl, async (client) => {
    const hits: Hit[] = []
    for (const [table, column] of columns) {
      const place = table
        .split('.')
        .map((name) => `"${name}"`)
        .join('.')
      // Bytes are searched as what they would be as text; an escape would hide a word, so they are read as they are.
      const text = `case when pg_typeof("${column}")::text = 'bytea' then encode("${column}"::text::bytea, 'escape') else "${column}"::text end`
      const { rows } = await client.query<{ said: string; word: string }>(
        `select ${text} as said, w.word from ${place} t, unnest($1::text[]) w(word) where position(lower(w.word) in lower(${text})) > 0`,
        [words],
      )
      for (const { said, word } of rows)
        hits.push({ word, place: `${table}.${column}`, around: aroundOf(said, word) })
    }
    return hits
  })
}
