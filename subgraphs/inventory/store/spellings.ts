import { sql } from 'kysely'
import { normalNumber } from '../domain/part-numbers.ts'
import type { Transaction } from './transaction.ts'

/** How a customer writes a part. */
export interface Spelling {
  accountId: string
  partNumber: string
  manufacturer: string | null
}

const isOf = (orgId: string, { accountId, partNumber, manufacturer }: Spelling) => sql`
  org_id = ${orgId}::uuid and account_id = ${accountId}::uuid and normal_number = ${normalNumber(partNumber)}
    and maker = ${normalNumber(manufacturer ?? '')}`

/** Remembers which part a customer means. @returns false when that is known already */
export const rememberSpelling = async (
  tx: Transaction,
  orgId: string,
  spelling: Spelling & { componentId: string },
  at: Date,
): Promise<boolean> => {
  const { accountId, partNumber, manufacturer, componentId } = spelling
  const { rows } = await sql`
    insert into inventory.part_spellings as s (org_id, account_id, normal_number, maker, component_id, chosen_at)
    values (${orgId}::uuid, ${accountId}::uuid, ${normalNumber(partNumber)}, ${normalNumber(manufacturer ?? '')},
      ${componentId}::uuid, ${at}::timestamptz)
    on conflict (org_id, account_id, normal_number, maker) do update set component_id = excluded.component_id,
      former_component_id = s.component_id, chosen_at = excluded.chosen_at
    where s.component_id <> excluded.component_id returning s.component_id`.execute(tx)
  return rows.length > 0
}

/** Takes back which part a customer means: what was said before holds again. @returns false when nothing was known */
export const forgetSpelling = async (
  tx: Transaction,
  orgId: string,
  spelling: Spelling,
  at: Date,
): Promise<boolean> => {
  const { rows: restored } = await sql`
    update inventory.part_spellings set component_id = former_component_id, former_component_id = null, chosen_at = ${at}::timestamptz
    where ${isOf(orgId, spelling)} and former_component_id is not null returning component_id`.execute(tx)
  if (restored.length > 0) return true
  const { rows: gone } = await sql`
    delete from inventory.part_spellings where ${isOf(orgId, spelling)} returning component_id`.execute(tx)
  return gone.length > 0
}

/** Says of one line which part it means; null: that nobody has said so of it. @returns false when that is so already */
export const chooseForLine = async (
  tx: Transaction,
  orgId: string,
  { rfqId, line, componentId }: { rfqId: string; line: number; componentId: string | null },
): Promise<boolean> => {
  const { rows } = await sql`
    update inventory.rfq_lines set chosen_component_id = ${componentId}::uuid
    where org_id = ${orgId}::uuid and rfq_id = ${rfqId}::uuid and line = ${line}
      and chosen_component_id is distinct from ${componentId}::uuid returning line`.execute(tx)
  return rows.length > 0
}
