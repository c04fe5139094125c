import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { isRefusal, missing, type Refusal } from '#service/refusal.ts'
import { deleteRecord, updateRecord, type WrittenRecord } from '../commands/change-record.ts'
import { createRecord } from '../commands/create-record.ts'
import { syncToCrm } from '../commands/sync-to-crm.ts'
import type { Context } from '../context.ts'
import type { ChildType } from '../domain/kinds.ts'
import type { RecordLoaders } from '../store/record-loaders.ts'

const pendingOf = async (ctx: Context, id: string) => (await ctx.pendingWrites.load(id)) ?? []

/** What was written, as the graph answers it. It is read again: shown is what it says by its mapping. What says no is answered as it is. */
export const written = async <
  T extends ChildType,
  N extends string,
  F extends string,
  R extends { __typename: string },
>(
  ctx: Context,
  [type, name, field]: readonly [T, N, F],
  answer: WrittenRecord | R,
) => {
  if ('__typename' in answer) return answer
  const { id, receipt } = answer
  const loaders = ctx.records[type] as unknown as RecordLoaders<T>
  const record = await loaders.byId.load(id)
  // Gone in the moment since.
  if (!record) return missing('The record')
  const shown = { [field]: record } as Record<F, NonNullable<typeof record>>
  return { __typename: name, ...shown, pending: await pendingOf(ctx, id), receipt }
}

/** The same of a company, which is shown as its customer. */
export const company = async <R extends { __typename: string }>(ctx: Context, answer: WrittenRecord | R) => {
  if ('__typename' in answer) return answer
  const { id, receipt } = answer
  const customerId = (await ctx.companies.load(id))?.customer_id
  const customer = customerId ? await ctx.customers.load(customerId) : undefined
  return customer
    ? { __typename: 'CompanyWritten' as const, customer, pending: await pendingOf(ctx, id), receipt }
    : missing('The company')
}

/** @param asked as it was named: a company is known by its customer */
const deleted = async (ctx: Context, asked: string, answer: WrittenRecord | Refusal) => {
  if (isRefusal(answer)) return answer
  const { id, receipt } = answer
  return { __typename: 'RecordDeleted' as const, id: asked, pending: await pendingOf(ctx, id), receipt }
}

export const CONTACT = ['contacts', 'ContactWritten', 'contact'] as const
export const DEAL = ['deals', 'DealWritten', 'deal'] as const
export const TICKET = ['tickets', 'TicketWritten', 'ticket'] as const
const TASK = ['tasks', 'TaskWritten', 'task'] as const
const NOTE = ['notes', 'NoteWritten', 'note'] as const

/** Making, changing and deleting records here and in HubSpot. */
export const recordMutations = {
  createCompany: async (_, args, ctx) => company(ctx, await createRecord(ctx, 'companies', { ...args })),
  updateCompany: async (_, { customerId: id, ...args }, ctx) =>
    company(ctx, await updateRecord(ctx, 'companies', { id, ...args })),
  deleteCompany: async (_, { customerId: id, ...args }, ctx) =>
    deleted(ctx, id, await deleteRecord(ctx, 'companies', { id, ...args })),
  createContact: async (_, args, ctx) =>
    written(ctx, CONTACT, await createRecord(ctx, 'contacts', { ...args })),
  updateContact: async (_, args, ctx) =>
    written(ctx, CONTACT, await updateRecord(ctx, 'contacts', { ...args })),
  deleteContact: async (_, args, ctx) =>
    deleted(ctx, args.id, await deleteRecord(ctx, 'contacts', { ...args })),
  createDeal: async (_, args, ctx) => written(ctx, DEAL, await createRecord(ctx, 'deals', { ...args })),
  updateDeal: async (_, args, ctx) => written(ctx, DEAL, await updateRecord(ctx, 'deals', { ...args })),
  deleteDeal: async (_, args, ctx) => deleted(ctx, args.id, await deleteRecord(ctx, 'deals', { ...args })),
  createTicket: async (_, args, ctx) => written(ctx, TICKET, await createRecord(ctx, 'tickets', { ...args })),
  updateTicket: async (_, args, ctx) => written(ctx, TICKET, await updateRecord(ctx, 'tickets', { ...args })),
  deleteTicket: async (_, args, ctx) =>
    deleted(ctx, args.id, await deleteRecord(ctx, 'tickets', { ...args })),
  createTask: async (_, args, ctx) => written(ctx, TASK, await createRecord(ctx, 'tasks', { ...args })),
  updateTask: async (_, args, ctx) => written(ctx, TASK, await updateRecord(ctx, 'tasks', { ...args })),
  deleteTask: async (_, args, ctx) => deleted(ctx, args.id, await deleteRecord(ctx, 'tasks', { ...args })),
  createNote: async (_, args, ctx) => written(ctx, NOTE, await createRecord(ctx, 'notes', { ...args })),
  updateNote: async (_, args, ctx) => written(ctx, NOTE, await updateRecord(ctx, 'notes', { ...args })),
  deleteNote: async (_, args, ctx) => deleted(ctx, args.id, await deleteRecord(ctx, 'notes', { ...args })),

  syncToCrm: async (
    _,
    { input: { contact = null, company: firm = null, integrationId = null, entityType, options = null } },
    ctx,
  ) => {
    const answer = await syncToCrm(ctx, { entityType, integrationId, contact, company: firm, options })
    return isRefusal(answer) ? answer : { __typename: 'CrmSynced', success: true, ...answer }
  },
} satisfies MutationResolvers
