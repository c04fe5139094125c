/** What a billing account has on the telephone network, as events tell of it. */
import { z } from 'zod'

const id = z.string().min(1)
const at = z.iso.datetime()

export const trunk = z.object({
  trunkId: id,
  ban: id,
  name: z.string(),
  status: z.enum(['PENDING', 'ACTIVE', 'SUSPENDED', 'DELETED']),
  concurrentCalls: z.int(),
  monthlyMinutes: z.int(),
  ipAddresses: z.array(z.string()).optional(),
  partitionId: z.string().optional(),
  /** When it was set up. */
  createdAt: at.optional(),
  observedAt: at,
})

export const phoneNumber = z.object({
  numberId: id,
  ban: id,
  trunkId: id.nullable(),
  type: z.enum(['LOCAL', 'TOLLFREE', 'MOBILE']),
  capabilities: z.array(z.enum(['VOICE', 'SMS'])).optional(),
  monthlyCost: z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .optional(),
  /** The number and the name it shows: see `phone-number.ts`. */
  sealed: z.string().optional(),
  /** When the account was given it. */
  createdAt: at.optional(),
  observedAt: at,
})
