import type { SimReply } from '#connectors/simulator/index.ts'
import { idFrom } from '#kernel/ids.ts'
import type { BatchError, ErrorBody } from '../wire.ts'

/** Thrown inside the simulator to answer with one of HubSpot's errors. */
export class Refused extends Error {
  readonly reply: SimReply
  constructor(reply: SimReply) {
    super('refused')
    this.reply = reply
  }
}

let correlations = 0

/** HubSpot's error envelope. */
export const errorReply = (status: number, body: Partial<ErrorBody> & { message: string }): SimReply => {
  correlations += 1
  return {
    status,
    body: { status: 'error', correlationId: idFrom('hubspot-simulator', String(correlations)), ...body },
  }
}

/** Throws a 400 VALIDATION_ERROR. */
export const invalid = (message: string, extra: Partial<ErrorBody> = {}): never => {
  throw new Refused(errorReply(400, { category: 'VALIDATION_ERROR', message, ...extra }))
}

/** Throws a 404. */
export const notFound = (message = 'resource not found', context?: Record<string, string[]>): never => {
  throw new Refused(
    errorReply(404, {
      category: 'OBJECT_NOT_FOUND',
      message,
      ...(context === undefined ? {} : { context }),
    }),
  )
}

/** Throws a 409. */
export const conflict = (message: string, extra: Partial<ErrorBody> = {}): never => {
  throw new Refused(errorReply(409, { category: 'CONFLICT', message, ...extra }))
}

/** One property that a write got wrong. */
export interface WrongValue {
  name: string
  message: string
  error: string
}

/** Throws the 400 that HubSpot gives for wrong property values, with each of them. */
export const wrongValues = (wrong: readonly WrongValue[], portalId: number): never =>
  invalid(
    `Property values were not valid: ${JSON.stringify(
      wrong.map((w) => ({ isValid: false, message: w.message, error: w.error, name: w.name, portalId })),
    )}`,
    {
      errors: wrong.map((w) => ({
        message: w.message,
        code: w.error,
        context: { propertyName: [w.name] },
      })),
    },
  )

/** A refusal as one row of a 207. */
export const asBatchError = (refusal: Refused, context: Record<string, string[]>): BatchError => {
  const body = refusal.reply.body as ErrorBody
  return {
    status: 'error',
    category: body.category ?? 'VALIDATION_ERROR',
    ...(body.subCategory === undefined ? {} : { subCategory: body.subCategory }),
    message: body.message,
    context: { ...body.context, ...context },
  }
}
