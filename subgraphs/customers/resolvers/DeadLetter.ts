import type { DeadLetterResolvers } from '#schema/generated/customers.types.ts'
import { portalId } from '../store/portal-ids.ts'

export const DeadLetter: DeadLetterResolvers = {
  integrationId: (letter) => letter.connectionId,
  recordId: (letter) => portalId(letter.externalId),
}
