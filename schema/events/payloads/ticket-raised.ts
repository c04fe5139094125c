import { z } from 'zod'
import { at, id } from './scalars.ts'

/** A ticket that the hub opened by itself, because something that is measured has left its bounds. */
export const ticketRaised = z.object({
  ticketId: id,
  customerId: id,
  integrationId: id,
  trigger: z.string(),
  /** The trunk it is about, as WARP calls it. */
  trunkId: z.string(),
  severity: z.string().nullable(),
  observedAt: at,
})
