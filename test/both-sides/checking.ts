/** Whether both sides say the same once they are at rest, and whether everything that anybody did is still there or explained. */
import { sql } from 'kysely'
import { isPlaceholder } from '#sync/links.ts'
import { rowsOf } from '#test/customers/rows.ts'
import { type CustomersBed, ORG } from '#test/kit/customers.ts'
import { checkLedger, type Ledger } from '#test/kit/ledger.ts'
import { until } from '#test/kit/until.ts'
import type { Edit } from './edits.ts'

const query = async <T>(bed: CustomersBed, text: ReturnType<typeof sql<T>>): Promise<T[]> =>
  (await bed.database.read(ORG, (tx) => text.execute(tx))).rows

const WRITES = /\/batch\/(create|update|upsert|archive|associate)/

/** Waits until nothing is under way on either side, and compares everything once. */
export const rest = async (bed: CustomersBed): Promise<void> => {
  const quiet = () =>
    until(async () => (await bed.outgoing()).length + (await bed.waiting()).length === 0, {
      timeoutMs: 60_000,
    })
  await quiet()
  await bed.sync('RECONCILE', 120_000)
  await quiet()
}

/** Requests that changed something in the portal since the journal was last emptied. */
export const writesIn = async (bed: CustomersBed): Promise<string[]> =>
  (await bed.journal()).entries
    .filter(({ path }) => WRITES.test(path))
    .map(({ method, path }) => `${method} ${path}`)

/** The books of both sides, but for what waits for a person to decide. */
export const divergences = async (bed: CustomersBed): Promise<Ledger> => {
  const open = await query<{ type: string; external_id: string; field: string }>(
    bed,
    sql`select type, external_id, field from sync.decisions where outcome = 'open'`,
  )
  const waits = (line: string) =>
    open.some(
      ({ type, external_id: id, field }) =>
        line.startsWith(`${type} ${id}`) &&
        (line.includes(`: ${field} `) || field === '*' || (field.startsWith('@') && line.includes(' → '))),
    )
  const found = await checkLedger(bed)
  const rest = (lines: string[]) => lines.filter((line) => !waits(line))
  // What events do not show may change: then they say the same again.
  const twice = rest(found.duplicate).filter((line) => !line.endsWith('was told of twice in the same words'))
  return { lost: rest(found.lost), duplicate: twice, unexplained: rest(found.unexplained) }
}

/**
 * Edits that are neither there nor explained: of each field of each record the last one of each side, unless the other side came later,
 * a decision names it, or the record went.
 */
export const lostUpdates = async (bed: CustomersBed, book: readonly Edit[]): Promise<string[]> => {
  const links = await query<{ type: string; external_id: string; local_id: string; gone: boolean }>(
    bed,
    sql`select type, external_id, local_id, gone_at is not null as gone from sync.links`,
  )
  const localOf = new Map(links.map((link) => [`${link.type} ${link.external_id}`, link.local_id]))
  const decided = await query<{ local_id: string; field: string; theirs: unknown; ours: unknown }>(
    bed,
    sql`select local_id, field, theirs -> 'value' as theirs, ours -> 'value' as ours from sync.decisions`,
  )
  const named = new Set(
    decided.flatMap(({ local_id, field, theirs, ours }) => [
      `${local_id} ${field} ${theirs}`,
      `${local_id} ${field} ${ours}`,
    ]),
  )
  const last = new Map<string, Edit>()
  for (const edit of book) {
    const local = edit.side === 'HERE' ? edit.id : localOf.get(`${edit.type} ${edit.id}`)
    if (local) last.set(`${edit.type} ${local} ${edit.field}`, edit)
  }
  // Of records that the portal has merged it kept the values that it chose, without a word of the others.
  const names = links
    .filter(({ external_id: id }) => !isPlaceholder(id))
    .map(({ type, local_id }) => `${type} ${local_id}`)
  const merged = new Set(names.filter((name, place) => names.indexOf(name) !== place))
  const lost: string[] = []
  for (const [key, edit] of last) {
    const [type = '', local = '', field = ''] = key.split(' ')
    if (merged.has(`${type} ${local}`)) continue
    const row = [...(await rowsOf(bed, edit.type)).values()].find(({ id }) => id === local)
    if (!row || row.gone_at !== null) continue
    if (String(row.properties[field] ?? '') === edit.value || named.has(`${local} ${field} ${edit.value}`))
      continue
    lost.push(`${edit.side} ${type} ${local} ${field}: ${edit.value} became ${row.properties[field]}`)
  }
  return lost
}
