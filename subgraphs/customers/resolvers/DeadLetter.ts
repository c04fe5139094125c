import type { DeadLetterResolvers } from '#schema/generated/customers.types.ts'

export const DeadLetter: DeadLetterResolvers = {
  integrationId: (letter) => letter.connectionId,
  recordId: (letter) => letter.externalId,
}
