/** Random edits of the same records on both sides at once, and a book of what everybody did. */
import { randomUUID } from 'node:crypto'
import type { RecordType } from '#subgraphs/customers/domain/kinds.ts'
import { rowsOf } from '#test/customers/rows.ts'
import type { CustomersBed, SimRecord } from '#test/kit/customers.ts'

/** What one side did with one field of one record. */
export interface Edit {
  side: 'HERE' | 'THERE'
  type: RecordType
  /** Ours, or the portal's: whichever the side knows it by. */
  id: string
  field: string
  value: string
  /** Its place among all edits, in the order in which they were done. */
  place: number
}

/** Chance that is the same for the same seed, in [0, 1). */
export const chance = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const FIELDS: Readonly<Partial<Record<RecordType, readonly string[]>>> = {
  companies: ['city', 'name', 'annualrevenue', 'phone'],
  contacts: ['firstname', 'jobtitle', 'lastname'],
  deals: ['dealname', 'amount'],
  tickets: ['subject'],
}
const TYPES = Object.keys(FIELDS) as RecordType[]
const NUMBERS = new Set(['annualrevenue', 'amount'])

const NEW: Readonly<Partial<Record<RecordType, (word: string) => Record<string, string>>>> = {
  companies: (word) => ({ name: word, domain: `${word.replaceAll(' ', '-').toLowerCase()}.example` }),
  contacts: (word) => ({
    email: `${word.replaceAll(' ', '.').toLowerCase()}@people.example`,
    firstname: word,
  }),
  deals: (word) => ({ dealname: word, pipeline: 'default', dealstage: 'qualifiedtobuy' }),
  tickets: (word) => ({ subject: word, hs_pipeline: '0', hs_pipeline_stage: '1' }),
}

export interface Editing {
  bed: CustomersBed
  seed: number
  edits: number
  /** How many are under way at a time. */
  hands: number
}

/** Edits both sides, as several people at once would. What the portal is told of reaches the hub by a message, mostly. */
export const editBothSides = async ({ bed, seed, edits, hands }: Editing): Promise<Edit[]> => {
  const random = chance(seed)
  const book: Edit[] = []
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)]
  let next = 0

  const tell = async (type: RecordType, id: string) => {
    // One message in five never comes: the record is met when everything is compared.
    if (random() < 0.8) await bed.note(type, [id], { hasLinks: true })
  }
  const here = async (type: RecordType, n: number) => {
    const rows = [...(await rowsOf(bed, type)).values()].filter((row) => row.gone_at === null)
    const what = random()
    const row = pick(rows)
    if (what < 0.1 || !row) {
      const values = NEW[type]?.(`Here ${seed} ${n}`) ?? {}
      const assumed = { createdate: bed.clock.now().toISOString() }
      await bed.change(type, { creates: [{ localId: randomUUID(), values, assumed }] })
    } else if (what < 0.14) await bed.change(type, { deletes: [row.id] })
    else if (what < 0.24 && type === 'deals') {
      const person = pick(
        [...(await rowsOf(bed, 'contacts')).values()].filter((each) => each.gone_at === null),
      )
      const linked = (row.properties['@contacts'] as string[] | undefined) ?? []
      const links =
        linked.length > 0 && random() < 0.5
          ? linked.slice(1)
          : [...new Set([...linked, person?.external_id ?? ''])].sort()
      await bed.change(type, {
        updates: [{ localId: row.id, values: { '@contacts': links.filter(Boolean) } }],
      })
    } else {
      const field = pick(FIELDS[type] ?? []) ?? ''
      const value = NUMBERS.has(field) ? String(1_000 + n) : `Here ${n}`
      const { updated } = await bed.change(type, {
        updates: [{ localId: row.id, values: { [field]: value } }],
      })
      if (updated.length > 0) book.push({ side: 'HERE', type, id: row.id, field, value, place: book.length })
    }
  }
  const there = async (type: RecordType, n: number) => {
    const records = (await bed.records(type)).filter(isLive)
    const what = random()
    const record = pick(records)
    if (what < 0.1 || !record) {
      await bed.sim(`records/${type}`, { properties: NEW[type]?.(`There ${seed} ${n}`) })
    } else if (what < 0.13) {
      await bed.sim(`records/${type}`, { id: record.id, archive: true })
      await tell(type, record.id)
    } else if (what < 0.16 && (type === 'contacts' || type === 'companies')) {
      const other = pick(records.filter(({ id }) => id !== record.id))
      if (!other) return
      await bed.sim(`records/${type}`, { id: record.id, merge: other.id })
      for (const id of [record.id, other.id]) await tell(type, id)
    } else if (what < 0.26 && type === 'deals') {
      const person = pick((await bed.records('contacts')).filter(isLive))
      if (!person) return
      await bed.sim(`records/${type}`, { id: record.id, associate: { to: 'contacts', id: person.id } })
      await tell(type, record.id)
    } else {
      const field = pick(FIELDS[type] ?? []) ?? ''
      const value = NUMBERS.has(field) ? String(2_000_000 + n) : `There ${n}`
      await bed.sim(`records/${type}`, { id: record.id, properties: { [field]: value } })
      book.push({ side: 'THERE', type, id: record.id, field, value, place: book.length })
      await tell(type, record.id)
    }
  }
  const hand = async () => {
    while (next < edits) {
      const n = next++
      const type = pick(TYPES) ?? 'companies'
      // A record may go between being looked up and being changed, as for everybody.
      await (random() < 0.5 ? here(type, n) : there(type, n).catch(isGone))
    }
  }
  await Promise.all(Array.from({ length: hands }, hand))
  return book
}

const isLive = ({ archived, mergedInto }: SimRecord): boolean => !archived && mergedInto === undefined

const isGone = (error: unknown): void => {
  if (
    !(
      error instanceof Error &&
      /not found|does not exist|archived|merged|no (record|such)/i.test(error.message)
    )
  )
    throw error
}
