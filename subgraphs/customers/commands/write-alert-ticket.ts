import { idFrom } from '#kernel/ids.ts'
import type { ChangeRecords } from '../context.ts'
import { type AlertSighting, judgedIn, measuredIn, overWords } from '../domain/alert-tickets.ts'
import { faultOf } from '../domain/auto-tickets.ts'
import { linkField, linksToField } from '../domain/links.ts'
import {
  type AlertTicketRow,
  keepAlertTicket,
  nextAlert,
  noteAlertDone,
  noteAlertOver,
  ticketOfAlert,
} from '../store/alert-tickets.ts'
import { childrenById } from '../store/children.ts'
import { integrationsOf } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'
import { makeActivities } from './make-activities.ts'
import { raiseTicket } from './open-auto-ticket.ts'

interface Around {
  orgId: string
  changeRecords: ChangeRecords
  at: Date
}

const TELEPHONY = { kind: 'system', id: 'system:telephony' } as const

/**
 * Opens the ticket of the next alert that lacks one, or tells its ticket that the alert is over: once each, however often it is done. An
 * alert that is over before anybody has heard of it opens none. One of a customer or a portal that cannot have tickets yet goes on waiting.
 * @param after the alert that was looked at before
 * @returns the alert that was looked at; undefined when there is none left
 */
export const writeAlertTicket = async (
  tx: Transaction,
  around: Around,
  after: string,
): Promise<string | undefined> => {
  const { orgId } = around
  const alert = await nextAlert(tx, orgId, after)
  if (!alert) return undefined
  const ticket = await ticketOfAlert(tx, orgId, alert.id)
  const isDone = ticket ? await tellOver(tx, around, alert, ticket) : await open(tx, around, alert)
  if (isDone) await noteAlertDone(tx, orgId, alert.id)
  return alert.id
}

const open = async (tx: Transaction, around: Around, { id, state }: AlertSighting): Promise<boolean> => {
  const { orgId, at } = around
  const measured = measuredIn(state)
  // What is over, and what makes no sense, never becomes one.
  if (state.closedAt !== null || faultOf(measured)) return true
  const ask = { ...measured, trigger: 'ASR_BELOW_THRESHOLD' as const, customerId: state.ban }
  const raised = await raiseTicket(tx, { ...around, principal: TELEPHONY }, ask, judgedIn(state))
  if ('__typename' in raised) return false
  await keepAlertTicket(tx, orgId, { alertId: id, ...raised }, at)
  return true
}

/** The ticket stays open: whether all is well people decide. */
const tellOver = async (
  tx: Transaction,
  { orgId, changeRecords, at }: Around,
  { id, state }: AlertSighting,
  ticket: AlertTicketRow,
): Promise<boolean> => {
  if (state.closedAt === null || ticket.closed_noted_at !== null) return true
  const held = (await childrenById(tx, orgId, 'tickets', [ticket.ticket_id])).get(ticket.ticket_id)
  const [portal] = await integrationsOf(tx, orgId, [ticket.integration_id])
  if (held && portal) {
    const links = { [linkField('tickets')]: linksToField([{ id: held.external_id, primary: false }]) }
    const values = { hs_note_body: overWords(state), hs_timestamp: at.toISOString(), ...links }
    const note = { localId: idFrom(orgId, 'alert over', id), values }
    await makeActivities(tx, changeRecords, { portal, type: 'notes', at }, [note])
  }
  await noteAlertOver(tx, orgId, id, at)
  return true
}
