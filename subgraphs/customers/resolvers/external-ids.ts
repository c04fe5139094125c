import { BadInput } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type { MutationResolvers, QueryResolvers } from '#schema/generated/customers.types.ts'
import { upsertRecord } from '../commands/upsert-record.ts'
import type { Context } from '../context.ts'
import { externalIdOf, type OutsideType } from '../domain/external-ids.ts'
import { recordsKnownBy } from '../store/external-ids.ts'
import { CONTACT, company, DEAL, TICKET, written } from './record-mutations.ts'

/** The ids under which programs know a record. */
export const externalIds = async ({ id }: { id: string }, _: unknown, ctx: Context) =>
  (await ctx.externalIds.load(id)) ?? []

interface Asked {
  system: string
  value: string
  integrationId?: string | null | undefined
}

/** The record that is known by an id elsewhere; null when none is. */
const knownBy = async <T>(
  ctx: Context,
  type: OutsideType,
  { system, value, integrationId = null }: Asked,
  load: (id: string) => Promise<T>,
): Promise<T | null> => {
  const outside = externalIdOf(system, value)
  if (!outside || (integrationId !== null && !isId(integrationId))) return null
  const place = { orgId: ctx.orgId, type, integrationId }
  const [id, other] = await ctx.db.read(ctx.orgId, (tx) => recordsKnownBy(tx, place, outside))
  if (other)
    throw BadInput.with({
      field: 'integrationId',
      reason: 'is needed: records of several connections have this id',
    })
  return id === undefined ? null : await load(id)
}

/** Records found by ids that others have for them. */
export const externalIdQueries = {
  companyByExternalId: (_, asked, ctx) =>
    knownBy(ctx, 'companies', asked, (id) => ctx.companyRecords.load(id)),
  contactByExternalId: (_, asked, ctx) =>
    knownBy(ctx, 'contacts', asked, (id) => ctx.records.contacts.byId.load(id)),
  dealByExternalId: (_, asked, ctx) => knownBy(ctx, 'deals', asked, (id) => ctx.records.deals.byId.load(id)),
  ticketByExternalId: (_, asked, ctx) =>
    knownBy(ctx, 'tickets', asked, (id) => ctx.records.tickets.byId.load(id)),
} satisfies QueryResolvers

/** Records made or changed by ids that others have for them. */
export const externalIdMutations = {
  upsertCompany: async (_, args, ctx) => company(ctx, await upsertRecord(ctx, 'companies', { ...args })),
  upsertContact: async (_, args, ctx) =>
    written(ctx, CONTACT, await upsertRecord(ctx, 'contacts', { ...args })),
  upsertDeal: async (_, args, ctx) => written(ctx, DEAL, await upsertRecord(ctx, 'deals', { ...args })),
  upsertTicket: async (_, args, ctx) => written(ctx, TICKET, await upsertRecord(ctx, 'tickets', { ...args })),
} satisfies MutationResolvers
