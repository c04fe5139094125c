import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { auditAll } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import {
  type InvalidRefusal,
  invalid,
  type MissingRefusal,
  missing,
  type Refusal,
  stale,
} from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { moveNumber } from '../domain/numbers.ts'
import {
  isOpen,
  isTaken,
  movePort,
  nextSteps,
  numbersOf,
  type PortDetails,
  type PortStatus,
} from '../domain/ports.ts'
import { portChanged } from '../domain/telling-registrations.ts'
import { flawInReason } from '../domain/texts.ts'
import { closedOf, lockAccount } from '../store/accounts.ts'
import { leaveCampaigns } from '../store/campaigns.ts'
import { lockNumbers } from '../store/numbers.ts'
import { lockPorts, numbersOfPorts, type PortOrderRow, portsById, savePorts } from '../store/ports.ts'
import type { Transaction } from '../store/transaction.ts'
import { type KeepingNumbers, keepNumbers } from './keep-numbers.ts'

/** The order that is named, and the version of it that was read. */
export interface PortAsk {
  id: string
  expectedVersion?: number | null | undefined
}

/** An order does not go there from where it is. */
export interface PortStepNotAllowed {
  __typename: 'PortStepNotAllowed'
  code: 'PORT_STEP_NOT_ALLOWED'
  message: string
  status: PortStatus
  allowed: PortStatus[]
}

interface Moved {
  port: PortOrderRow
  receipt: Receipt
}
export type PortAnswer = Moved | InvalidRefusal | MissingRefusal
export type PortMoveAnswer = Moved | PortStepNotAllowed | Refusal

/** Asks the other carrier for the numbers of an order, the first time or again. */
export const submitPort = (ctx: Context, ask: PortAsk): Promise<PortMoveAnswer> =>
  move(ctx, 'submitPort', ask, 'SUBMITTED', {})

/** Notes the day on which carriers have agreed. It may lie behind: people write down late what was agreed on. */
export const confirmPort = (ctx: Context, ask: PortAsk & { agreedOn: string }): Promise<PortMoveAnswer> =>
  move(ctx, 'confirmPort', ask, 'CONFIRMED', { agreedOn: ask.agreedOn })

/** The numbers have moved: those that came are in use at the same moment, those that left are no longer ours. */
export const completePort = (ctx: Context, ask: PortAsk): Promise<PortMoveAnswer> =>
  move(ctx, 'completePort', ask, 'COMPLETED', {})

/** Notes that the carrier which has the numbers refuses to let them go. */
export const rejectPort = async (
  ctx: Context,
  ask: PortAsk & { reason: string },
): Promise<PortMoveAnswer> => {
  const reason = ask.reason.trim()
  const problem = flawInReason(reason)
  return problem
    ? invalid('reason', `reason ${problem}.`)
    : move(ctx, 'rejectPort', ask, 'REJECTED', { reason })
}

/** Ends an order. */
export const cancelPort = (ctx: Context, ask: PortAsk): Promise<PortMoveAnswer> =>
  move(ctx, 'cancelPort', ask, 'CANCELLED', {})

const move = (
  ctx: Context,
  action: string,
  { id, expectedVersion }: PortAsk,
  to: PortStatus,
  details: PortDetails,
): Promise<PortMoveAnswer> =>
  ctx.write(async (tx) => {
    const [named] = isId(id) ? await portsById(tx, ctx.orgId, [id]) : []
    if (!named) return missing('The order')
    await lockAccount(tx, ctx.orgId, named.ban)
    const [port] = await lockPorts(tx, ctx.orgId, [id])
    if (!port) return missing('The order')
    if (isTaken(port, to, details)) return { port, receipt: await receiptOf(tx) }
    if (typeof expectedVersion === 'number' && expectedVersion !== port.version)
      return stale('The order', port.version)
    if (!nextSteps(port).includes(to)) return notAllowed(port, to)
    const around = { ...ctx, action, at: ctx.clock.now() }
    const [moved] = await keepPorts(tx, around, [{ before: port, after: movePort(port, to, details) }])
    return { port: moved!, receipt: await receiptOf(tx) }
  })

const notAllowed = (port: PortOrderRow, to: PortStatus): PortStepNotAllowed => {
  const allowed = [...nextSteps(port)]
  const rest = allowed.length > 0 ? `it can become ${allowed.join(', ')}` : 'nothing more comes of it'
  return {
    ...{ __typename: 'PortStepNotAllowed', code: 'PORT_STEP_NOT_ALLOWED', status: port.status, allowed },
    message: `The order is ${port.status} and does not become ${to}: ${rest}.`,
  }
}

/** Cancels those of some orders from which something could still come, in the caller's transaction, which holds their accounts. */
export const endPorts = async (
  tx: Transaction,
  around: KeepingNumbers,
  ports: readonly PortOrderRow[],
): Promise<void> => {
  const held = await lockPorts(
    tx,
    around.orgId,
    ports.map(({ id }) => id),
  )
  const open = held.filter(isOpen)
  await keepPorts(
    tx,
    around,
    open.map((before) => ({ before, after: movePort(before, 'CANCELLED', {}) })),
  )
}

/** Writes orders that have moved, and with them what becomes of their numbers; a constant number of statements. */
const keepPorts = async (
  tx: Transaction,
  around: KeepingNumbers,
  moved: readonly { before: PortOrderRow; after: PortOrderRow }[],
): Promise<PortOrderRow[]> => {
  if (moved.length === 0) return []
  const { orgId, at } = around
  const kept = moved.map(({ before, after }) => ({
    before,
    after: { ...after, version: before.version + 1, updatedAt: at },
  }))
  const ports = kept.map(({ after }) => after)
  const over = ports.filter((port) => !isOpen(port))
  await savePorts(
    tx,
    orgId,
    ports,
    over.map(({ id }) => id),
  )
  const numberIds = await numbersOfPorts(
    tx,
    orgId,
    ports.map(({ id }) => id),
  )
  const closed = await closedOf(
    tx,
    orgId,
    over.map(({ ban }) => ban),
  )
  await moveNumbers(
    tx,
    around,
    over.flatMap((port) => {
      const to = numbersOf(port, closed.has(port.ban))
      return (numberIds.get(port.id) ?? []).map((id) => ({ id, to }))
    }),
  )
  const told = kept.map((each) => ({ ...each, numberIds: numberIds.get(each.after.id) ?? [] }))
  await tellPorts(tx, around, told)
  return ports
}

const moveNumbers = async (
  tx: Transaction,
  around: KeepingNumbers,
  moves: readonly { id: string; to: ReturnType<typeof numbersOf> }[],
): Promise<void> => {
  if (moves.length === 0) return
  const goes = new Map(moves.map(({ id, to }) => [id, to]))
  const held = await lockNumbers(tx, around.orgId, [...goes.keys()])
  const kept = held.map((before) => ({ before, after: moveNumber(before, goes.get(before.id)!, around.at) }))
  const gone = kept.flatMap(({ after }) => (after.releasedAt ? [after.id] : []))
  if (gone.length > 0) await leaveCampaigns(tx, around.orgId, gone)
  await keepNumbers(tx, around, kept)
}

/** Says of orders who did what, and to siblings how they stand. */
export const tellPorts = async (
  tx: Transaction,
  { orgId, principal, action, at }: Pick<KeepingNumbers, 'orgId' | 'principal' | 'action' | 'at'>,
  ports: readonly { before?: PortOrderRow; after: PortOrderRow; numberIds: readonly string[] }[],
): Promise<void> => {
  await auditAll(
    tx,
    ports.map(({ before, after }) => ({
      ...{ orgId, principal, action, at, subject: { type: 'PortOrder', id: after.id } },
      ...{ before: before ? { ...before } : null, after: { ...after } },
    })),
  )
  const told = ports.map(({ after, numberIds }) => portChanged(after, numberIds, at))
  await publish(tx, orgId, told, at)
}
