import { type Gathering, gathering } from '#sync/deliveries/gather.ts'
import type { Delivery } from '../domain/webhook.ts'
import { type Taken, type Taking, takeDeliveries } from './take-deliveries.ts'

/** Takes deliveries together that come together. */
export const gatherDeliveries = (around: Taking, told: (taken: Taken) => void): Gathering<Delivery> =>
  gathering(async (deliveries) => told(await takeDeliveries(around, deliveries)))
