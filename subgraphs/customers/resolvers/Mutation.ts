import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { invalid, missing, stale } from '#service/refusal.ts'
import { cancelSync } from '../commands/cancel-sync.ts'
import { erasePerson } from '../commands/erase-person.ts'
import { exportPerson } from '../commands/export-person.ts'
import { importMappings } from '../commands/import-mappings.ts'
import { liftSuppression } from '../commands/lift-suppression.ts'
import { linkIdentity } from '../commands/link-identity.ts'
import { refreshCatalog } from '../commands/refresh-catalog.ts'
import { saveMapping } from '../commands/save-mapping.ts'
import { startSync } from '../commands/start-sync.ts'
import { shownProblem, typeOfObject } from '../domain/showing-mappings.ts'
import { shownRun } from '../domain/telling.ts'
import { connectionMutations, STANDSTILL } from './connection-mutations.ts'
import { failureMutations } from './failures.ts'
import { changesOf, mappingRefused, refusedMapping, shownMappings, unread } from './mapping-answers.ts'
import { notOnePerson, refusedSubject } from './person-results.ts'
import { ruleMutations } from './rule-mutations.ts'
import { webhookMutations } from './webhooks.ts'

export const Mutation: MutationResolvers = {
  ...failureMutations,
  ...ruleMutations,
  ...webhookMutations,
  saveMapping: async (_, { integrationId, objectType, changes, expectedVersion }, ctx) => {
    const type = typeOfObject(objectType)
    const ask = { integrationId, type, changes: changesOf(changes), expectedVersion }
    const saved = await saveMapping(ctx, ask)
    if (!('saved' in saved)) return refusedMapping(saved, type)
    const [mapping] = await shownMappings(ctx, integrationId, [type])
    return { __typename: 'MappingSaved', mapping: mapping!, receipt: saved.receipt }
  },

  importMappings: async (_, ask, ctx) => {
    const done = await importMappings(ctx, ask)
    if ('missing' in done) return missing(done.missing)
    if ('unread' in done) return unread()
    if ('wrong' in done) return invalid('document', done.wrong)
    if (!('changed' in done)) return mappingRefused(done.problems)
    return {
      __typename: 'MappingsImported',
      dryRun: ask.dryRun,
      changed: done.changed,
      problems: done.problems.map(({ type, ...problem }) => shownProblem(type, problem)),
      mappings: await shownMappings(ctx, ask.integrationId),
      receipt: done.receipt,
    }
  },

  refreshFieldCatalog: async (_, { integrationId }, ctx) => {
    const refreshing = await refreshCatalog(ctx, integrationId)
    if (refreshing === null) return missing('The HubSpot connection')
    const { run, receipt } = refreshing
    return { __typename: 'FieldCatalogRefreshing', run: shownRun(run), receipt }
  },

  linkIdentity: async (_, args, ctx) => {
    const linked = await linkIdentity(ctx, args)
    if ('missing' in linked) return missing(linked.missing)
    if ('currentVersion' in linked) return stale('The customer', linked.currentVersion)
    const customer = await ctx.customers.load(linked.customerId)
    // Gone in the moment since: its last account was taken away.
    return customer ? { __typename: 'Linked', customer, receipt: linked.receipt } : missing('The customer')
  },

  startHubSpotSync: async (_, { integrationId, mode }, ctx) => {
    const started = await startSync(ctx, { integrationId: integrationId ?? null, mode })
    if (started === null) return missing('The HubSpot connection')
    if (typeof started === 'string') return invalid('integrationId', STANDSTILL[started])
    return { __typename: 'SyncStarted', run: shownRun(started.run), receipt: started.receipt }
  },

  ...connectionMutations,

  cancelSync: async (_, { runId }, ctx) => {
    const run = await cancelSync(ctx, runId)
    if (run === null) return missing('The run')
    if (run === 'over') return invalid('runId', 'This run is over already.')
    return { __typename: 'SyncCancelled', run: shownRun(run) }
  },

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
