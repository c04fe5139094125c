import type { Context } from '../context.ts'
import type { ChildRows } from '../store/child-rows.ts'
import type { RecordLoaders } from '../store/record-loaders.ts'

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

/** The first record of a kind that a record is about. */
export const about =
  <T extends 'contacts' | 'deals' | 'tickets'>(type: T) =>
  async (
    record: { integration_id: string } & Record<`${Singular[T]}_external_id`, string | null>,
    _: unknown,
    ctx: Context,
  ): Promise<ChildRows[T] | null> => {
    const id = record[`${SINGULAR[type]}_external_id`]
    const loaders = ctx.records[type] as unknown as RecordLoaders<T>
    return id === null ? null : await loaders.byRecord.load(`${record.integration_id}/${id}`)
  }

const SINGULAR = { contacts: 'contact', deals: 'deal', tickets: 'ticket' } as const
type Singular = typeof SINGULAR

/** Who looks after a record. */
export const owner = (record: { owner_id: string | null }, _: unknown, ctx: Context) =>
  record.owner_id ? ctx.owners.load(record.owner_id) : null
