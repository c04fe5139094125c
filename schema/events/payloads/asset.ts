/** What a billing account has on the telephone network, as events tell of it. */
import { z } from 'zod'
import { at, id } from './scalars.ts'

export const trunk = z.object({
  trunkId: id,
  ban: id,
  name: z.string(),
  status: z.enum(['PENDING', 'ACTIVE', 'SUSPENDED', 'DELETED']),
  /** Calls at once as it was ordered for. */
  concurrentCalls: z.int(),
  /** Calls at once that the account's credit lets it carry; never more than were ordered. */
  allowedCalls: z.int().optional(),
  monthlyMinutes: z.int(),
  ipAddresses: z.array(z.string()).optional(),
  /** Best first. */
  codecs: z.array(z.string()).optional(),
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
  status: z.enum(['PORTING_IN', 'ACTIVE', 'PORTING_OUT', 'PORTED_OUT', 'RELEASED']).optional(),
  /** How the account came by it. */
  origin: z.enum(['PURCHASED', 'PORTED']).optional(),
  /** How far emergency services know where it calls from, and a mark that changes when that place does. */
  e911: z
    .object({ status: z.enum(['NONE', 'PENDING', 'REGISTERED', 'REJECTED']), hash: z.string().nullable() })
    .optional(),
  respOrg: z.enum(['NONE', 'PENDING', 'ACTIVE']).optional(),
  /** The number, the name it shows and its emergency address: see `phone-number.ts`. */
  sealed: z.string().optional(),
  /** When the account was given it. */
  createdAt: at.optional(),
  /** With how many others of its account it was bought or given back, and what kinds these are. Left out for one alone. */
  together: z
    .object({
      id,
      numbers: z.number().int().positive(),
      types: z.array(z.enum(['LOCAL', 'TOLLFREE', 'MOBILE'])),
    })
    .optional(),
  observedAt: at,
})
