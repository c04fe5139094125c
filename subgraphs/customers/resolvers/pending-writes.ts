import type { PendingFieldResolvers } from '#schema/generated/customers.types.ts'
import type { Context } from '../context.ts'
import { maySeePersons } from '../domain/seeing.ts'

/** The resolver of what is still to be written to HubSpot of a record. */
export const pendingWrites = async ({ id }: { id: string }, _: unknown, ctx: Context) =>
  (await ctx.pendingWrites.load(id)) ?? []

/** The same of everything that HubSpot knows of a customer. */
export const customerPendingWrites = async ({ id }: { id: string }, _: unknown, ctx: Context) => {
  const accounts = (await ctx.identities.load(id)) ?? []
  const companies = accounts.filter(({ system }) => system === 'HUBSPOT').map(({ account_id }) => account_id)
  const found = await Promise.all(companies.map((company) => ctx.pendingWrites.load(company)))
  return found.flatMap((writes) => writes ?? [])
}

const isMasked = ({ personal }: { personal: boolean }, ctx: Context): boolean =>
  personal && !maySeePersons(ctx.principal)

export const PendingField: PendingFieldResolvers = {
  masked: (field, _, ctx) => isMasked(field, ctx),
  from: (field, _, ctx) => (isMasked(field, ctx) ? null : field.from),
  to: (field, _, ctx) => (isMasked(field, ctx) ? null : field.to),
}
