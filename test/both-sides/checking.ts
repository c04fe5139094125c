/** Whether both sides say the same once they are at rest, and whether everything that anybody did is still there or explained. */
import { sql } from 'kysely'
import { isPlaceholder } from '#sync/links.ts'
import { rowsOf } from '#test/customers/rows.ts'
import type { CustomersBed } from '#test/kit/customers.ts'
import { type Engine, quiet } from '#test/kit/engine.ts'
import { checkLedger, type Ledger } from '#test/kit/ledger.ts'
import type { Edit } from './editing.ts'

/** Waits until nothing is under way on either side, and compares everything once. */
export const rest = async (bed: Engine): Promise<void> => {
  await quiet(bed, 60_000)
  await bed.sync('RECONCILE', 120_000)
  await quiet(bed, 60_000)
}

/** Requests that changed something at the other side since the journal was last emptied. */
export const writesIn = async (bed: Engine, writes: RegExp): Promise<string[]> =>
  (await bed.journal()).entries
    .map(({ method, path }) => `${method} ${path}`)
    .filter((request) => writes.test(request))

/** The books of both sides, but for what waits for a person to decide. */
export const divergences = async (bed: CustomersBed): Promise<Ledger> => {
  const open = await bed.select<{ type: string; external_id: string; field: string }>(
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

interface Known {
  links: { type: string; external_id: string; local_id: string; gone: boolean }[]
  /** Our id of a record, by type and any id that the portal has had for it. */
  localOf: ReadonlyMap<string, string>
}

const knownTo = async (bed: Engine): Promise<Known> => {
  const links = await bed.select<Known['links'][number]>(
    sql`select type, external_id, local_id, gone_at is not null as gone from sync.links`,
  )
  return {
    links,
    localOf: new Map(links.map((link) => [`${link.type} ${link.external_id}`, link.local_id])),
  }
}

const localIn = ({ localOf }: Known, { side, type, id }: Edit): string | undefined =>
  side === 'HERE' ? id : localOf.get(`${type} ${id}`)

/** Who people are now that were known by other ids, by all the merges since. */
const namesNow = async (bed: CustomersBed): Promise<(id: string) => string> => {
  const aliases = await bed.select<{ external_id: string; survivor_id: string }>(
    sql`select external_id, survivor_id from sync.aliases where type = 'contacts'`,
  )
  const survivors = new Map(aliases.map((row) => [row.external_id, row.survivor_id]))
  const now = (id: string): string => {
    const survivor = survivors.get(id)
    return survivor === undefined ? id : now(survivor)
  }
  return now
}

/**
 * Links that one side has made or taken away, the other leaving them alone, and that are not so now. Of people who were merged only
 * that they are linked is to be expected, when everybody has linked them.
 */
export const lostLinks = async (bed: CustomersBed, book: readonly Edit[]): Promise<string[]> => {
  const known = await knownTo(bed)
  const now = await namesNow(bed)
  const deals = new Map([...(await rowsOf(bed, 'deals')).values()].map((row) => [row.id, row]))
  const people = await rowsOf(bed, 'contacts')
  const edits = book.flatMap((edit) => {
    const deal = edit.field === '@contacts' ? localIn(known, edit) : undefined
    return deal ? [{ ...edit, deal, person: edit.value.slice(1), isMade: edit.value.startsWith('+') }] : []
  })
  const lost: string[] = []
  for (const [pair, own] of Map.groupBy(edits, ({ deal, person }) => `${deal} ${now(person)}`)) {
    const [deal, person = ''] = pair.split(' ')
    const row = deals.get(deal ?? '')
    const isGone = !row || row.gone_at !== null || (people.get(person)?.gone_at ?? true) !== null
    const isMerged = own.some((edit) => !isPlaceholder(edit.person) && edit.person !== person)
    if (isGone || new Set(own.map(({ side }) => side)).size > 1) continue
    if (isMerged && own.some(({ isMade }) => !isMade)) continue
    const linked = ((row.properties['@contacts'] as string[] | undefined) ?? []).includes(person)
    const last = own.at(-1)
    if (last && linked !== last.isMade)
      lost.push(`${last.side} deals ${row.external_id} → contacts ${person}: ${last.value} came to nothing`)
  }
  return lost
}

/** Records that were deleted here, that nobody there has touched, and that are back. */
export const lostDeletes = async (bed: CustomersBed, book: readonly Edit[]): Promise<string[]> => {
  const known = await knownTo(bed)
  const touched = new Set(
    book.flatMap((edit) => (edit.side === 'THERE' ? [`${edit.type} ${localIn(known, edit)}`] : [])),
  )
  const live = new Set(known.links.filter(({ gone }) => !gone).map((link) => `${link.type} ${link.local_id}`))
  return book
    .filter(({ side, field }) => side === 'HERE' && field === '@record')
    .map(({ type, id }) => `${type} ${id}`)
    .filter((name) => live.has(name) && !touched.has(name))
}

/**
 * Edits of fields that are neither there nor explained, with what the hub holds by its own ids: of each field of each record the last one of each side, unless the other side came later,
 * a decision names it, or the record went.
 */
export const lostUpdates = async <T extends string>(
  bed: Engine,
  book: readonly Edit<T>[],
  rowsOf: (type: T) => Promise<ReadonlyMap<string, { isGone: boolean; values: Record<string, unknown> }>>,
): Promise<string[]> => {
  const known = await knownTo(bed)
  const { links } = known
  const decided = await bed.select<{ local_id: string; field: string; theirs: unknown; ours: unknown }>(
    sql`select local_id, field, theirs -> 'value' as theirs, ours -> 'value' as ours from sync.decisions`,
  )
  const named = new Set(
    decided.flatMap(({ local_id, field, theirs, ours }) => [
      `${local_id} ${field} ${theirs}`,
      `${local_id} ${field} ${ours}`,
    ]),
  )
  const last = new Map<string, Edit<T>>()
  for (const edit of book.filter(({ field }) => !field.startsWith('@'))) {
    const local = localIn(known, edit)
    if (local) last.set(`${edit.type} ${local} ${edit.field}`, edit)
  }
  // Of records that the other side has merged it kept the values that it chose, without a word of the others.
  const names = links
    .filter(({ external_id: id }) => !isPlaceholder(id))
    .map(({ type, local_id }) => `${type} ${local_id}`)
  const merged = new Set(names.filter((name, place) => names.indexOf(name) !== place))
  const lost: string[] = []
  for (const [key, edit] of last) {
    const [type = '', local = '', field = ''] = key.split(' ')
    if (merged.has(`${type} ${local}`)) continue
    const row = (await rowsOf(edit.type)).get(local)
    if (!row || row.isGone) continue
    if (String(row.values[field] ?? '') === edit.value || named.has(`${local} ${field} ${edit.value}`))
      continue
    lost.push(`${edit.side} ${type} ${local} ${field}: ${edit.value} became ${row.values[field]}`)
  }
  return lost
}
