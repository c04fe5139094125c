import { sql } from 'kysely'
import type { Decimal } from '#kernel/money.ts'
import type { InvoiceLine, InvoiceStatus } from '../domain/invoices.ts'
import type { Transaction } from './transaction.ts'

/** An invoice as it is kept. */
export interface InvoiceRow {
  id: string
  number: string
  ban: string
  /** As `YYYY-MM`. */
  month: string
  total: Decimal
  currency: string
  status: InvoiceStatus
  issuedAt: Date
  dueOn: string
  paidOn: string | null
  /** The beginning of that day. */
  paidAt: Date | null
  voidReason: string | null
}

/** A line of an invoice, with the currency of its amount. */
export type InvoiceLineRow = InvoiceLine & { invoiceId: string; currency: string }

/** Which invoices. */
export interface InvoiceChoice {
  ban?: string | null | undefined
  statuses?: readonly InvoiceStatus[] | null | undefined
  month?: string | null | undefined
}

const columns = (orgId: string) => sql`
  id, number, ban, to_char(month, 'YYYY-MM') as month, total, currency, status, issued_at as "issuedAt", due_on as "dueOn",
  paid_on as "paidOn", paid_on::timestamp at time zone coalesce(
    (select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as "paidAt", void_reason as "voidReason"`

/** The invoices with these ids, one statement for all. */
export const invoicesById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<InvoiceRow[]> => {
  const { rows } = await sql<InvoiceRow>`
    select ${columns(orgId)} from telephony.invoices where org_id = ${orgId} and id = any(${ids}::uuid[])`.execute(
    tx,
  )
  return rows
}

/** All invoices of these accounts that are not void, with when each came to be as it is; one statement for all. */
export const invoicesOfAccounts = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<(InvoiceRow & { updatedAt: Date })[]> => {
  const { rows } = await sql<InvoiceRow & { updatedAt: Date }>`
    select ${columns(orgId)}, updated_at as "updatedAt" from telephony.invoices
    where org_id = ${orgId} and ban = any(${bans}::text[]) and status <> 'VOID' order by ban, invoices.month`.execute(
    tx,
  )
  return rows
}

/** The lines of these invoices, in their order; one statement for all. */
export const linesOfInvoices = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<InvoiceLineRow[]> => {
  const { rows } = await sql<InvoiceLineRow>`
    select l.invoice_id as "invoiceId", l.kind, l.class, l.number_type as "numberType", to_char(l.of_month, 'YYYY-MM') as "ofMonth",
      l.quantity, l.included, l.amount, i.currency
    from telephony.invoice_lines l join telephony.invoices i on i.org_id = l.org_id and i.id = l.invoice_id
    where l.org_id = ${orgId} and l.invoice_id = any(${ids}::uuid[]) order by l.invoice_id, l.position`.execute(
    tx,
  )
  return rows
}

/** Where a page of invoices goes on: behind this month and account. */
export interface InvoicePage {
  limit: number
  after: readonly [string, string] | null
}

/** A page of invoices, newest month first. */
export const invoicePage = async (
  tx: Transaction,
  orgId: string,
  { ban, statuses, month }: InvoiceChoice,
  { limit, after }: InvoicePage,
): Promise<InvoiceRow[]> => {
  const { rows } = await sql<InvoiceRow>`
    select ${columns(orgId)} from telephony.invoices where org_id = ${orgId}
      ${ban ? sql`and ban = ${ban}` : sql``}
      ${statuses ? sql`and status = any(${statuses}::text[])` : sql``}
      ${month ? sql`and month = ${`${month}-01`}::date` : sql``}
      ${after ? sql`and (invoices.month, ban) < (${`${after[0]}-01`}::date, ${after[1]})` : sql``}
    order by invoices.month desc, ban desc limit ${limit}`.execute(tx)
  return rows
}

/** For each account its page of invoices, newest month first; one statement for all. */
export const invoicePages = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { limit, after }: InvoicePage,
): Promise<Map<string, InvoiceRow[]>> => {
  const behind = after ? sql`and i.month < ${`${after[0]}-01`}::date` : sql``
  const { rows } = await sql<InvoiceRow>`
    select i.* from unnest(${bans}::text[]) as b(account) cross join lateral (
      select ${columns(orgId)}, month as ordered from telephony.invoices i
      where i.org_id = ${orgId} and i.ban = b.account ${behind} order by i.month desc limit ${limit}) i
    order by i.ban, i.ordered desc`.execute(tx)
  return Map.groupBy(rows, ({ ban }) => ban)
}

/** An invoice that is to be issued. */
export type NewInvoice = Omit<InvoiceRow, 'paidAt' | 'voidReason'>

/** Writes invoices of months that were not billed yet, with their lines: two statements. @returns the ids of those it wrote */
export const insertInvoices = async (
  tx: Transaction,
  orgId: string,
  invoices: readonly (NewInvoice & { lines: readonly InvoiceLine[] })[],
): Promise<Set<string>> => {
  const heads = invoices.map(({ lines: _, ...head }) => head)
  const { rows } = await sql<{ id: string }>`
    insert into telephony.invoices (org_id, id, ban, month, number, currency, total, status, issued_at, due_on, paid_on, updated_at)
    select ${orgId}::uuid, i."id", i."ban", (i."month" || '-01')::date, i."number", i."currency", i."total", i."status", i."issuedAt",
      i."dueOn", i."paidOn", i."issuedAt"
    from jsonb_to_recordset(${JSON.stringify(heads)}::jsonb) as i("id" uuid, "ban" text, "month" text, "number" text, "currency" text,
      "total" numeric, "status" text, "issuedAt" timestamptz, "dueOn" date, "paidOn" date)
    on conflict do nothing returning id`.execute(tx)
  const written = new Set(rows.map(({ id }) => id))
  const lines = invoices
    .filter(({ id }) => written.has(id))
    .flatMap(({ id, lines: own }) => own.map((line, position) => ({ ...line, invoiceId: id, position })))
  await sql`
    insert into telephony.invoice_lines
      (org_id, invoice_id, position, kind, class, number_type, of_month, quantity, included, amount)
    select ${orgId}::uuid, l."invoiceId", l."position", l."kind", l."class", l."numberType", (l."ofMonth" || '-01')::date, l."quantity",
      l."included", l."amount"
    from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as l("invoiceId" uuid, "position" integer, "kind" text, "class" text,
      "numberType" text, "ofMonth" text, "quantity" numeric, "included" numeric, "amount" numeric)`.execute(
    tx,
  )
  return written
}

/** What was billed for the usage of an account's month, in its own invoice and in later ones. */
export interface BilledUsage {
  ban: string
  /** As `YYYY-MM`. */
  month: string
  billed: Decimal
}

/** What was billed for usage of the months from one on until before another, of accounts that had an invoice for them; one statement. */
export const billedUsage = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { from, before }: { from: string; before: string },
): Promise<BilledUsage[]> => {
  const { rows } = await sql<BilledUsage>`
    select i.ban, to_char(i.month, 'YYYY-MM') as month, (
      select coalesce(sum(l.amount), 0) from telephony.invoices o
      join telephony.invoice_lines l on l.org_id = o.org_id and l.invoice_id = o.id
      where o.org_id = i.org_id and o.ban = i.ban and o.month >= i.month and l.of_month = i.month
        and l.kind in ('MINUTES', 'MESSAGES', 'LATE_USAGE')) as billed
    from telephony.invoices i
    where i.org_id = ${orgId} and i.ban = any(${bans}::text[]) and i.month >= ${`${from}-01`}::date and i.month < ${`${before}-01`}::date
    order by 1, 2`.execute(tx)
  return rows
}

/** A page of accounts, behind `after`, that ever were on a rate plan until a month. */
export const plannedAccounts = async (
  tx: Transaction,
  orgId: string,
  { month, after, limit }: { month: string; after: string; limit: number },
): Promise<string[]> => {
  const { rows } = await sql<{ ban: string }>`
    select distinct ban from telephony.account_rate_plans
    where org_id = ${orgId} and ban > ${after} and from_month <= ${`${month}-01`}::date and plan_id is not null
    order by ban limit ${limit}`.execute(tx)
  return rows.map(({ ban }) => ban)
}

/** Holds an invoice until the transaction ends. @returns it, or undefined when there is none */
export const lockInvoice = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<InvoiceRow | undefined> => {
  const { rows } = await sql<InvoiceRow>`
    select ${columns(orgId)} from telephony.invoices where org_id = ${orgId} and id = ${id}::uuid for update`.execute(
    tx,
  )
  return rows[0]
}

/** Writes what became of an invoice that is held. @returns it as it is now */
export const moveInvoice = async (
  tx: Transaction,
  orgId: string,
  id: string,
  {
    status,
    paidOn = null,
    voidReason = null,
    at,
  }: Pick<InvoiceRow, 'status'> & {
    paidOn?: string | null
    voidReason?: string | null
    at: Date
  },
): Promise<InvoiceRow> => {
  const { rows } = await sql<InvoiceRow>`
    update telephony.invoices set status = ${status}, paid_on = ${paidOn}::date, void_reason = ${voidReason}, updated_at = ${at}
    where org_id = ${orgId} and id = ${id}::uuid returning ${columns(orgId)}`.execute(tx)
  return rows[0]!
}

/** Accounts with invoices whose day has passed, so many at most, by number: one statement. */
export const accountsWithDue = async (
  tx: Transaction,
  orgId: string,
  { today, limit }: { today: string; limit: number },
): Promise<string[]> => {
  const { rows } = await sql<{ ban: string }>`
    select distinct ban from telephony.invoices where org_id = ${orgId} and status = 'ISSUED' and due_on < ${today}::date
    order by ban limit ${limit}`.execute(tx)
  return rows.map(({ ban }) => ban)
}

/** Has those invoices of accounts be overdue whose day has passed: one statement. Whoever holds the accounts has each settled or overdue. @returns them */
export const markOverdue = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { today, at }: { today: string; at: Date },
): Promise<InvoiceRow[]> => {
  const { rows } = await sql<InvoiceRow>`
    update telephony.invoices set status = 'OVERDUE', updated_at = ${at}
    where org_id = ${orgId} and ban = any(${bans}::text[]) and status = 'ISSUED' and due_on < ${today}::date
    returning ${columns(orgId)}`.execute(tx)
  return rows
}

/** Whether anything of an account is overdue. */
export const hasOverdue = async (tx: Transaction, orgId: string, ban: string): Promise<boolean> =>
  (await tx
    .selectFrom('telephony.invoices')
    .select('id')
    .where('org_id', '=', orgId)
    .where('ban', '=', ban)
    .where('status', '=', 'OVERDUE')
    .limit(1)
    .executeTakeFirst()) !== undefined
