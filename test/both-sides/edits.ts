/** Random edits of what a portal and the hub both have. */
import { randomUUID } from 'node:crypto'
import type { RecordType } from '#subgraphs/customers/domain/kinds.ts'
import { rowsOf } from '#test/customers/rows.ts'
import type { CustomersBed, SimRecord } from '#test/kit/customers.ts'
import { type Desk, type Edit, editTogether } from './editing.ts'

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

export interface Wanted {
  bed: CustomersBed
  seed: number
  edits: number
  /** How many are under way at a time. */
  hands: number
}

/** Edits both sides, as several people at once would. What the portal is told of reaches the hub by a message, mostly. */
export const editBothSides = ({ bed, ...wanted }: Wanted): Promise<Edit<RecordType>[]> =>
  editTogether({ ...wanted, types: TYPES, sides: (desk) => sidesOf(bed, wanted.seed, desk) })

const sidesOf = (bed: CustomersBed, seed: number, { random, pick, note }: Desk<RecordType>) => {
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
    } else if (what < 0.14) {
      const { missing } = await bed.change(type, { deletes: [row.id] })
      if (missing.length === 0) note({ side: 'HERE', type, id: row.id, field: '@record', value: 'deleted' })
    } else if (what < 0.24 && type === 'deals') {
      const person = pick(
        [...(await rowsOf(bed, 'contacts')).values()].filter((each) => each.gone_at === null),
      )
      const linked = (row.properties['@contacts'] as string[] | undefined) ?? []
      const links =
        linked.length > 0 && random() < 0.5
          ? linked.slice(1)
          : [...new Set([...linked, person?.external_id ?? ''])].sort()
      const { updated } = await bed.change(type, {
        updates: [{ localId: row.id, values: { '@contacts': links.filter(Boolean) } }],
      })
      const { from, to } = updated[0]?.diff['@contacts'] ?? { from: [], to: [] }
      const [was, is] = [from, to].map((value) => (Array.isArray(value) ? value : [])) as [string[], string[]]
      const edit = { side: 'HERE', type, id: row.id, field: '@contacts' } as const
      for (const id of is.filter((each) => !was.includes(each))) note({ ...edit, value: `+${id}` })
      for (const id of was.filter((each) => !is.includes(each))) note({ ...edit, value: `-${id}` })
    } else {
      const field = pick(FIELDS[type] ?? []) ?? ''
      const value = NUMBERS.has(field) ? String(1_000 + n) : `Here ${n}`
      const { updated } = await bed.change(type, {
        updates: [{ localId: row.id, values: { [field]: value } }],
      })
      if (updated.length > 0) note({ side: 'HERE', type, id: row.id, field, value })
    }
  }
  const there = async (type: RecordType, n: number) => {
    const records = (await bed.records(type, '&associations=contacts')).filter(isLive)
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
      for (const id of [record.id, other.id]) {
        note({ side: 'THERE', type, id, field: '@record', value: 'merged' })
        await tell(type, id)
      }
    } else if (what < 0.26 && type === 'deals') {
      const linked = record.associations?.contacts?.map(({ id }) => id) ?? []
      const old = random() < 0.5 ? pick(linked) : undefined
      const id = old ?? pick((await bed.records('contacts')).filter(isLive))?.id
      if (!id) return
      const change = { [old ? 'dissociate' : 'associate']: { to: 'contacts', id } }
      await bed.sim(`records/${type}`, { id: record.id, ...change })
      const value = `${old ? '-' : '+'}${id}`
      if (old || !linked.includes(id)) note({ side: 'THERE', type, id: record.id, field: '@contacts', value })
      await tell(type, record.id)
    } else {
      const field = pick(FIELDS[type] ?? []) ?? ''
      const value = NUMBERS.has(field) ? String(2_000_000 + n) : `There ${n}`
      await bed.sim(`records/${type}`, { id: record.id, properties: { [field]: value } })
      note({ side: 'THERE', type, id: record.id, field, value })
      await tell(type, record.id)
    }
  }
  return { here, there }
}

const isLive = ({ archived, mergedInto }: SimRecord): boolean => !archived && mergedInto === undefined
