import { publish } from '#events/outbox.ts'
import { idFrom } from '#kernel/ids.ts'
import { changeLocally } from '#sync/local-change.ts'
import type { Outgoing } from '#sync/outgoing.ts'
import type { Applying, RefusedWrite, Target } from '#sync/target.ts'
import { type FieldValue, same, type Values } from '#sync/values.ts'
import { NotAllowedInC3, NotHeldInC3 } from '../domain/errors.ts'
import { heldAfterRefusal } from '../domain/reservations.ts'
import { stockIdOf } from '../domain/rfq-fields.ts'
import type { Happening } from '../domain/rfq-history.ts'
import { noteHappenings } from '../store/rfq-history.ts'
import { asTransaction } from '../store/transaction.ts'
import { localId } from './record-ids.ts'

/**
 * C3 has refused what was promised or decided here: stock that C3 does not hold is given back, and a request that C3 does not let go
 * anywhere stands as it stands there. The request's history says so.
 * @returns the requests: what else was to be written of them is written without it
 */
export const takeBack = async (
  tx: object,
  target: Target,
  writes: readonly RefusedWrite[],
  around: Applying,
): Promise<Outgoing[]> => {
  const { orgId, connectionId, at } = around
  const known = writes.filter(({ error }) => NotHeldInC3.is(error) || NotAllowedInC3.is(error))
  if (known.length === 0) return []
  const ids = known.map((each) => each.localId)
  const current = await target.current(tx, 'rfqs', ids)
  const taken = known.map((write) => ({ write, fields: refusedOf(write, current.get(write.localId) ?? {}) }))
  const updates = taken.map(({ write, fields }) => ({
    localId: write.localId,
    values: Object.fromEntries(fields.map(({ field, to }) => [field, to])),
  }))
  const { events } = await changeLocally(tx, target, { orgId, connectionId, type: 'rfqs' }, { updates }, at)
  await publish(tx, orgId, events, at)
  const happenings = taken.flatMap(({ write, fields }) =>
    fields.map(({ field, less }): Happening => {
      const c3StockId = stockIdOf(field)
      return {
        ...{ id: idFrom(write.id, field), rfqId: write.localId, at, by: 'C3' },
        ...(c3StockId === undefined
          ? { kind: 'STATUS_REFUSED', details: { reason: 'STATUS_NOT_ALLOWED' } }
          : {
              kind: 'RESERVATION_REFUSED',
              details: {
                ...{ stockId: localId(orgId, connectionId, 'inventory', c3StockId), quantity: less },
                reason: 'NOT_ENOUGH_STOCK',
              },
            }),
      }
    }),
  )
  await noteHappenings(asTransaction(tx), orgId, happenings)
  // The very same once more would be refused once more.
  const others = taken.filter(
    ({ write, fields }) => fields.length > 0 || isOther(write, current.get(write.localId) ?? {}),
  )
  return others.map(({ write }) => ({ type: 'rfqs', localId: write.localId, isUrgent: true }))
}

/** Whether something else is to be written by now. */
const isOther = ({ fields }: RefusedWrite, current: Values): boolean =>
  Object.entries(fields).some(([field, { to }]) => !same(current[field] ?? null, to))

interface Refused {
  field: string
  /** What it is to be here now. */
  to: FieldValue
  /** So many fewer of a stock row are held. */
  less: number
}

const refusedOf = ({ error, fields }: RefusedWrite, current: Values): Refused[] => {
  if (NotAllowedInC3.is(error)) {
    const { status } = fields
    // Somebody may have decided otherwise meanwhile: that is sent next.
    return status && current.status === status.to ? [{ field: 'status', to: status.from, less: 0 }] : []
  }
  return Object.entries(fields).flatMap(([field, { from, to }]) => {
    if (stockIdOf(field) === undefined) return []
    const now = Number(current[field] ?? 0)
    const left = heldAfterRefusal(now, { from: Number(from ?? 0), to: Number(to ?? 0) })
    return left < now ? [{ field, to: left === 0 ? null : left, less: now - left }] : []
  })
}
