import { sql } from 'kysely'
import { baseNumber, type LineMatch, normalNumber, understand } from '../domain/part-numbers.ts'
import { componentsByBase } from './components.ts'
import type { Transaction } from './transaction.ts'

/** A line of a request, with the part that is meant, as far as that is sure. */
export interface RfqLineRow extends KeptLine {
  match: LineMatch | 'CHOSEN' | 'REMEMBERED'
  componentId: string | null
  /** The parts that could be meant by the letters and digits of the number. */
  candidateIds: string[]
}

interface KeptLine {
  rfqId: string
  line: number
  partNumber: string
  manufacturer: string | null
  quantity: number
  /** Decimals. */
  targetPrice: string | null
  unitPrice: string | null
  currency: string
  /** What colleagues have chosen. */
  chosenComponentId: string | null
  /** What colleagues have said before that this customer means by it. */
  rememberedComponentId: string | null
}

/** The lines of these requests, in their order, each understood by the components that there are now: two statements for all. */
export const linesOf = async (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
): Promise<RfqLineRow[]> => {
  const { rows } = await sql<KeptLine>`
    select l.rfq_id as "rfqId", l.line, l.part_number as "partNumber", l.manufacturer, l.quantity, l.target_price::text as "targetPrice",
      l.unit_price::text as "unitPrice", r.currency, l.chosen_component_id as "chosenComponentId",
      s.component_id as "rememberedComponentId"
    from inventory.rfq_lines l join inventory.rfqs r on r.org_id = l.org_id and r.id = l.rfq_id
    left join inventory.part_spellings s on s.org_id = l.org_id and s.account_id = r.account_id and s.normal_number = l.normal_number
      and s.maker = regexp_replace(upper(coalesce(l.manufacturer, '')), '[^0-9A-Z]', '', 'g')
    where l.org_id = ${orgId} and l.rfq_id = any(${rfqIds}::uuid[]) order by l.rfq_id, l.line`.execute(tx)
  const bases = [...new Set(rows.map(({ partNumber }) => baseNumber(partNumber)))]
  const known = Map.groupBy(await componentsByBase(tx, orgId, bases), ({ base }) => base)
  return rows.map((row) => {
    const candidates = known.get(baseNumber(row.partNumber)) ?? []
    const line = { ...row, candidateIds: candidates.map(({ id }) => id) }
    const { chosenComponentId, rememberedComponentId } = row
    if (chosenComponentId) return { ...line, match: 'CHOSEN', componentId: chosenComponentId }
    if (rememberedComponentId) return { ...line, match: 'REMEMBERED', componentId: rememberedComponentId }
    return { ...line, ...understand({ ...row, manufacturer: row.manufacturer ?? '' }, candidates) }
  })
}

/** Lines as C3 has them. */
export type WrittenLine = Omit<KeptLine, 'currency' | 'chosenComponentId' | 'rememberedComponentId'>

/**
 * Writes the lines of requests in the place of those they had, two statements for all. What a colleague has chosen stays as long as the
 * line asks for the same part.
 */
export const replaceLines = async (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
  lines: readonly WrittenLine[],
): Promise<void> => {
  if (rfqIds.length === 0) return
  const rows = JSON.stringify(
    lines.map((line) => ({
      ...line,
      normalNumber: normalNumber(line.partNumber),
      baseNumber: baseNumber(line.partNumber),
    })),
  )
  await sql`
    delete from inventory.rfq_lines l
    where l.org_id = ${orgId}::uuid and l.rfq_id = any(${rfqIds}::uuid[]) and not exists (
      select 1 from jsonb_to_recordset(${rows}::jsonb) as r("rfqId" uuid, "line" int)
      where r."rfqId" = l.rfq_id and r."line" = l.line)`.execute(tx)
  await sql`
    insert into inventory.rfq_lines as l
      (org_id, rfq_id, line, part_number, normal_number, base_number, manufacturer, quantity, target_price, unit_price)
    select ${orgId}::uuid, r."rfqId", r."line", r."partNumber", r."normalNumber", r."baseNumber", r."manufacturer", r."quantity",
      r."targetPrice", r."unitPrice"
    from jsonb_to_recordset(${rows}::jsonb) as r(
      "rfqId" uuid, "line" int, "partNumber" text, "normalNumber" text, "baseNumber" text, "manufacturer" text, "quantity" int,
      "targetPrice" numeric, "unitPrice" numeric)
    on conflict (org_id, rfq_id, line) do update set
      part_number = excluded.part_number, normal_number = excluded.normal_number, base_number = excluded.base_number,
      manufacturer = excluded.manufacturer, quantity = excluded.quantity, target_price = excluded.target_price,
      unit_price = excluded.unit_price,
      chosen_component_id = case when l.normal_number = excluded.normal_number then l.chosen_component_id end`.execute(
    tx,
  )
}
