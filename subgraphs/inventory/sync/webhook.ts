import { createHash } from 'node:crypto'
import {
  ID_FIELDS,
  isSignedBy,
  type ReadDelivery,
  readClaim,
  readDelivery,
  type SignatureFault,
} from '#connectors/c3/index.ts'
import type { Told } from '#sync/deliveries/take.ts'

export type { ReadDelivery, SignatureFault }
export { isSignedBy, readClaim, readDelivery }

/** What the events of a delivery say to us. How records are now is never taken from them: they are read. */
export const toldBy = ({ events, attempt }: ReadDelivery): Told[] =>
  events.map((event) => {
    const { entity, id, kind, occurredAt } = event
    const isKept = Object.hasOwn(ID_FIELDS, entity)
    // A record that goes tells no time of its own that it could be compared with.
    const changedAt = kind === 'CHANGED' ? new Date(occurredAt) : undefined
    return {
      hash: createHash('sha256').update(JSON.stringify(event)).digest('hex'),
      occurredAt: new Date(occurredAt),
      attempt: attempt - 1,
      kept: event,
      records: isKept ? [{ type: entity, externalId: id, changedAt, hasLinks: false }] : [],
      says: null,
    }
  })
