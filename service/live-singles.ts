import type { JobOptions } from './job-definition.ts'
import { POLICIES } from './job-schema.ts'

/** What a database of pg-boss is asked through. */
export interface Asked {
  executeSql(text: string, values?: unknown[]): Promise<unknown>
}

const TAKES = /FROM (\S+) j\s+WHERE j\.name = '([^']+)'/
const WAITS = 'NOT j.blocked'
const REMEMBERED = /COALESCE\(j\.singleton_key, ''\) <> ALL\((\$\d+::text\[\])\)/

/**
 * Has jobs of which one of a key is done at a time (`single`) taken by what is at work now. pg-boss goes by a list that it reads once a
 * minute: a key that was at work in that moment waits for the minute to be over, and one that has begun since keeps all others of its
 * queue waiting, since taking its next job is refused by an index.
 * @param ask what is asked anyway; its question for the next job is changed, all others stay
 */
export const takeByWhatIsAtWork = (db: Asked, definitions: readonly JobOptions[]): void => {
  const policies = new Map(
    definitions.flatMap(({ name, single }) =>
      single === 'active' || single === 'both' ? [[name, POLICIES[single]] as const] : [],
    ),
  )
  const ask = db.executeSql.bind(db)
  db.executeSql = (text, values) => ask(byWhatIsAtWork(text, policies), values)
}

const byWhatIsAtWork = (text: string, policies: ReadonlyMap<string, string>): string => {
  if (!text.includes(WAITS)) return text
  const [, table, name] = TAKES.exec(text) ?? []
  const policy = name && policies.get(name)
  if (!policy) return text
  const atWork = `SELECT 1 FROM ${table} a WHERE a.name = '${name}' AND a.policy = '${policy}' AND a.state = 'active'
    AND COALESCE(a.singleton_key, '') = COALESCE(j.singleton_key, '')`
  return text.replace(WAITS, `${WAITS} AND NOT EXISTS (${atWork})`).replace(REMEMBERED, '$1 IS NOT NULL')
}
