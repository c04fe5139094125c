/** Whether the hub's books agree with what C3 has. */
import { sql } from 'kysely'
import { ID_FIELDS, type Kind, type Rfq } from '#connectors/c3/index.ts'
import { KINDS } from '#subgraphs/inventory/domain/kinds.ts'
import { currentValues } from '#subgraphs/inventory/store/current.ts'
import { valuesOf } from '#subgraphs/inventory/sync/values.ts'
import { same } from '#sync/values.ts'
import { type C3Bed, ORG } from './c3.ts'

/** Rows of the hub, by its own id, as C3 names and spells their fields. */
export const heldOf = async (bed: C3Bed, type: Kind) => {
  const links = await bed.select<{ id: string; external_id: string; gone: boolean }>(
    sql`select local_id as id, external_id, gone_at is not null as gone from sync.links where type = ${type} order by external_id`,
  )
  const values = await bed.database.read(ORG, (tx) =>
    currentValues(
      tx,
      type,
      links.map(({ id }) => id),
    ),
  )
  return new Map(
    links.map(({ id, external_id: externalId, gone }) => [
      id,
      { externalId, isGone: gone, values: values.get(id) ?? {} },
    ]),
  )
}

/** What of the two sides differs, but for fields about which somebody has yet to decide. */
export const divergencesFromC3 = async (bed: C3Bed): Promise<string[]> => {
  const open = await bed.select<{ type: string; external_id: string; field: string }>(
    sql`select type, external_id, field from sync.decisions where outcome = 'open'`,
  )
  const isOpen = (type: string, id: string, field: string) =>
    open.some((each) => each.type === type && each.external_id === id && each.field === field)
  const found: string[] = []
  for (const kind of KINDS) {
    const held = [...(await heldOf(bed, kind)).values()].filter(({ isGone }) => !isGone)
    const here = new Map(held.map((row) => [row.externalId, row.values]))
    if (here.size < held.length) found.push(`${kind}: one is held twice`)
    for (const record of await bed.records(kind)) {
      const id = String((record as unknown as Record<string, unknown>)[ID_FIELDS[kind]])
      const row = here.get(id)
      here.delete(id)
      if (record.deleted !== (row === undefined)) found.push(`${kind} ${id}: one side has it`)
      if (record.deleted || !row) continue
      const said = valuesOf[kind](record as never)
      for (const field of new Set([...Object.keys(said), ...Object.keys(row)]))
        if (!same(said[field], row[field]) && !isOpen(kind, id, field))
          found.push(`${kind} ${id} ${field}: ${said[field]} there, ${row[field]} here`)
    }
    for (const id of here.keys()) found.push(`${kind} ${id}: only here`)
  }
  return [...found, ...(await unlikeLines(bed))]
}

/** Lines and totals by themselves: as fields they pass through the same hands on both sides. */
const unlikeLines = async (bed: C3Bed): Promise<string[]> => {
  const rows = await bed.select<{
    id: string
    total: string | null
    prices: Record<string, string | null>
  }>(sql`
    select r.c3_rfq_id as id, r.total::text as total, json_object_agg(l.line, l.unit_price::text) as prices
    from inventory.rfqs r join inventory.rfq_lines l on l.org_id = r.org_id and l.rfq_id = r.id
    where r.deleted_at is null and not exists (select from sync.decisions d
      where d.local_id = r.id and d.outcome = 'open' and d.field like 'price.%') group by r.c3_rfq_id, r.total`)
  const there = new Map((await bed.records('rfqs')).map((rfq) => [rfq.rfqId, rfq]))
  const pricesOf = ({ lines }: Rfq) =>
    Object.fromEntries(lines.map(({ line, unitPrice }) => [line, unitPrice]))
  return rows.flatMap(({ id, total, prices }) => {
    const rfq = there.get(id)
    const isAlike = rfq && rfq.total === total && JSON.stringify(pricesOf(rfq)) === JSON.stringify(prices)
    return isAlike ? [] : [`rfqs ${id}: lines or total differ`]
  })
}
