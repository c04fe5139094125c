import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { missing } from '#service/refusal.ts'
import { erasePerson } from '../commands/erase-person.ts'
import { exportPerson } from '../commands/export-person.ts'
import { liftSuppression } from '../commands/lift-suppression.ts'
import { bulkMutations } from './bulk.ts'
import { conflictMutations } from './Conflict.ts'
import { connectionMutations } from './connection-mutations.ts'
import { externalIdMutations } from './external-ids.ts'
import { failureMutations } from './failures.ts'
import { goldenMutations } from './golden.ts'
import { identityMutations } from './identities.ts'
import { candidateMutations } from './identity-candidates.ts'
import { mappingMutations } from './mappings.ts'
import { onboardingMutations } from './Onboarding.ts'
import { notOnePerson, refusedSubject } from './person-results.ts'
import { planMutations } from './plans.ts'
import { policyMutations } from './policy.ts'
import { provisioningMutations } from './provisioning.ts'
import { recordMutations } from './record-mutations.ts'
import { rfqMutations } from './rfq-links.ts'
import { ruleMutations } from './rule-mutations.ts'
import { timelineMutations } from './timeline.ts'
import { twinMutations } from './twins.ts'
import { webhookMutations } from './webhooks.ts'
import { writerMutations } from './writers.ts'

export const Mutation: MutationResolvers = {
  ...failureMutations,
  ...planMutations,
  ...ruleMutations,
  ...recordMutations,
  ...externalIdMutations,
  ...rfqMutations,
  ...bulkMutations,
  ...webhookMutations,
  ...mappingMutations,
  ...provisioningMutations,
  ...policyMutations,
  ...onboardingMutations,
  ...conflictMutations,
  ...writerMutations,
  ...timelineMutations,
  ...identityMutations,
  ...candidateMutations,
  ...goldenMutations,
  ...twinMutations,
  ...connectionMutations,

  exportPerson: async (_, { subject }, ctx) => {
    const refused = refusedSubject(subject)
    if (refused) return refused
    const exported = await exportPerson(ctx, subject)
    if (typeof exported === 'string') return notOnePerson(exported)
    const { document, stores } = exported
    const fileName = `person-${document.exportedAt.slice(0, 10)}.json`
    return { __typename: 'PersonExported', fileName, content: JSON.stringify(document, null, 2), stores }
  },

  erasePerson: async (_, { subject, reason, reference, preview }, ctx) => {
    const refused = refusedSubject(subject, reference)
    if (refused) return refused
    const done = await erasePerson(ctx, { subject, reason, reference: reference ?? null, preview })
    if (typeof done === 'string') return notOnePerson(done)
    const { id, ...erasure } = done.erasure
    return {
      __typename: 'PersonErased',
      ...erasure,
      erasureId: preview ? null : id,
      preview,
      receipt: done.receipt,
    }
  },

  liftSuppression: async (_, { subject, reason, reference }, ctx) => {
    const refused = refusedSubject(subject, reference)
    if (refused) return refused
    const lifted = await liftSuppression(ctx, { subject, reason, reference: reference ?? null })
    return lifted ? { __typename: 'SuppressionLifted', ...lifted } : missing('A suppression of this person')
  },
}
