import { event } from '#schema/events.ts'

/** The first call of an account that was answered, of those the hub was told of first. */
export interface FirstCall {
  ban: string
  trunkId: string
  calledAt: Date
}

/** That call as others are told of it. */
export const firstCallMade = ({ ban, trunkId, calledAt }: FirstCall, observedAt: Date) =>
  event('telephony.call.first', ban, {
    ...{ ban, trunkId },
    calledAt: calledAt.toISOString(),
    observedAt: observedAt.toISOString(),
  })
