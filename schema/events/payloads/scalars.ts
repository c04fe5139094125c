/** What payloads of events are made of. */
import { z } from 'zod'

export const id = z.string().min(1)
export const at = z.iso.datetime()
/** An exact decimal; never a float. */
export const decimal = z.string().regex(/^-?\d+(\.\d+)?$/)
export const money = z.object({ amount: decimal, currency: z.string().length(3) })
export const system = z.enum(['HUBSPOT', 'C3', 'WARP'])
