import { publish } from '#events/outbox.ts'
import { idFrom, isId } from '#kernel/ids.ts'
import { type AuditEntry, audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { ChangeRecords, Context } from '../context.ts'
import {
  type AutoTrigger,
  faultOf,
  type Judged,
  type Measured,
  ticketFields,
} from '../domain/auto-tickets.ts'
import { isOn } from '../domain/features.ts'
import { goesOut } from '../domain/going-out.ts'
import { linkField, linksToField } from '../domain/links.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import { ticketRaised } from '../domain/telling.ts'
import { childrenById } from '../store/children.ts'
import { type CompanyOfCustomer, companiesOfCustomers } from '../store/companies.ts'
import { customersById } from '../store/customers.ts'
import { accountStates } from '../store/identities.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { stagesOf } from '../store/portal.ts'
import { lockRaised, raise } from '../store/raised.ts'
import type { Transaction } from '../store/transaction.ts'
import { writableProperties } from '../store/writable.ts'

export interface AutoTicketAsk extends Measured {
  trigger: AutoTrigger
  /** The hub's customer, or a billing account on WARP. */
  customerId: string
}

/**
 * Opens a ticket because something that is measured has left its bounds: here at once, and in the customer's portal within moments.
 * While the ticket of that trigger and trunk is open, it is answered instead of a second one: telling it again does no harm.
 */
export const openAutoTicket = async (
  ctx: Context,
  ask: AutoTicketAsk,
): Promise<{ ticketId: string; isNew: boolean; receipt: Receipt } | InvalidRefusal | MissingRefusal> => {
  const fault = faultOf(ask)
  if (fault) return invalid(fault.field, fault.message)
  return await ctx.write(async (tx) => {
    const { orgId, principal, clock, changeRecords } = ctx
    const raised = await raiseTicket(tx, { orgId, principal, changeRecords, at: clock.now() }, ask)
    if ('__typename' in raised) return raised
    const { ticketId, isNew } = raised
    return { ticketId, isNew, receipt: await receiptOf(tx) }
  })
}

/** Who raises it, and how. */
interface Raising {
  orgId: string
  principal: AuditEntry['principal']
  changeRecords: ChangeRecords
  at: Date
}

/**
 * The same in the caller's transaction, by whoever measures.
 * @param judged how bad it is, and until when somebody has to have dealt with it; left out: by the measure
 * @returns also the portal that has the ticket
 */
export const raiseTicket = async (
  tx: Transaction,
  { orgId, principal, changeRecords, at }: Raising,
  ask: AutoTicketAsk,
  judged?: Judged,
): Promise<{ ticketId: string; isNew: boolean; integrationId: string } | InvalidRefusal | MissingRefusal> => {
  const customer = await customerOf(tx, orgId, ask.customerId)
  if (!customer) return missing('The customer')
  const found = await portalOf(tx, orgId, customer)
  if ('__typename' in found) return found
  const { portal, company } = found
  const place = { orgId, integrationId: portal.id, type: 'tickets' as const }
  const raised = (await lockRaised(tx, place, ask.trigger, [ask.trunkId])).get(ask.trunkId)
  if (raised) {
    const ticket = (await childrenById(tx, orgId, 'tickets', [raised.record_id])).get(raised.record_id)
    if (ticket?.is_open) return { ticketId: ticket.id, isNew: false, integrationId: portal.id }
  }
  const said = await valuesOf(tx, place, ask, at, judged)
  if ('__typename' in said) return said
  const { values } = said
  const times = (raised?.times ?? 0) + 1
  const ticketId = idFrom(orgId, portal.id, 'raised', ask.trigger, ask.trunkId, String(times))
  const links = company
    ? { [linkField('companies')]: linksToField([{ id: company.external_id, primary: true }]) }
    : {}
  const creates = [
    { localId: ticketId, values: { ...values, ...links }, assumed: { createdate: at.toISOString() } },
  ]
  await changeRecords(tx, place, { creates }, at)
  const reason = { reason: ask.trigger, recordType: 'tickets' as const }
  await raise(tx, place, reason, [{ about: ask.trunkId, recordId: ticketId, times }], at)
  const subject = { type: 'Ticket', id: ticketId }
  const after = { trigger: ask.trigger, warpTrunkId: ask.trunkId, severity: values.warp_severity }
  await audit(tx, { orgId, principal, action: 'openAutoTicket', subject, after, at })
  const told = {
    ticketId,
    customerId: customer.id,
    integrationId: portal.id,
    trigger: ask.trigger,
    trunkId: ask.trunkId,
  }
  const severity = values.warp_severity?.toUpperCase() ?? null
  await publish(tx, orgId, [ticketRaised({ ...told, severity, observedAt: at.toISOString() })], at)
  return { ticketId, isNew: true, integrationId: portal.id }
}

const customerOf = async (tx: Transaction, orgId: string, said: string) => {
  const id = isId(said) ? said : (await accountStates(tx, orgId, 'WARP', [said])).get(said)?.customerId
  return id === undefined ? undefined : (await customersById(tx, orgId, [id])).get(id)
}

/** The portal that is to have it: the one of the customer's leading company, else another one of its companies', else the first. */
const portalOf = async (
  tx: Transaction,
  orgId: string,
  customer: { id: string; lead_company_id: string | null },
): Promise<{ portal: IntegrationRow; company: CompanyOfCustomer | undefined } | InvalidRefusal> => {
  const all = (await integrationsOf(tx, orgId)).filter((row) => goesOut(row) && isOn(row, 'TICKETS'))
  const [first] = all
  if (!first)
    return invalid(
      'customerId',
      'No HubSpot connection lets the hub write tickets. Change its direction, or grant it.',
    )
  const companies = (await companiesOfCustomers(tx, orgId, [customer.id], null)).filter((company) =>
    all.some(({ id }) => id === company.integration_id),
  )
  const company = companies.find(({ id }) => id === customer.lead_company_id) ?? companies[0]
  return { portal: all.find(({ id }) => id === company?.integration_id) ?? first, company }
}

/** What the ticket says, as far as the portal has room for it. */
const valuesOf = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string; type: 'tickets' },
  ask: AutoTicketAsk,
  at: Date,
  judged: Judged | undefined,
): Promise<{ values: Record<string, string> } | InvalidRefusal> => {
  const writable = await writableProperties(tx, place, 'tickets')
  const barred = writable.refusalOf(EXTERNAL_KEY)
  if (barred) return invalid('customerId', `${barred.message} ${barred.fix}`)
  const open = (await stagesOf(tx, place)).find((stage) => stage.type === 'tickets' && stage.is_open)
  if (!open) return invalid('customerId', 'The portal’s stages of tickets are not known yet. Sync it first.')
  const { values, priorities } = ticketFields(ask.trigger, ask, at, judged)
  const priority = priorities.find((each) => writable.refusalOf('hs_ticket_priority', each) === null)
  const all = { ...values, ...(priority ? { hs_ticket_priority: priority } : {}) }
  const taken = Object.entries(all).filter(([name, value]) => writable.refusalOf(name, value) === null)
  const stage = { hs_pipeline: open.pipeline_id, hs_pipeline_stage: open.stage_id }
  return { values: { ...Object.fromEntries(taken), ...stage } }
}
