import type { Context } from '../context.ts'

/** The customer that a record belongs to: that of its main company. */
export const customer = async (
  record: { integration_id: string; company_external_id: string | null },
  _: unknown,
  ctx: Context,
) => {
  if (!record.company_external_id) return null
  const id = await ctx.customerOfCompany.load(`${record.integration_id}/${record.company_external_id}`)
  return id ? await ctx.customers.load(id) : null
}

/** Who looks after a record. */
export const owner = (record: { owner_id: string | null }, _: unknown, ctx: Context) =>
  record.owner_id ? ctx.owners.load(record.owner_id) : null
