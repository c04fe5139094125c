import { standstills } from '#control/answers/runs.ts'
import { writeFile } from '#control/settings-file.ts'
import { pageSize } from '#kernel/cursor.ts'
import type { MutationResolvers, QueryResolvers } from '#schema/generated/customers.types.ts'
import { chosen } from '#service/choosing.ts'
import { invalid, missing } from '#service/refusal.ts'
import { importMappings } from '../commands/import-mappings.ts'
import { previewMapping } from '../commands/preview-mapping.ts'
import { refreshCatalog } from '../commands/refresh-catalog.ts'
import { saveMapping } from '../commands/save-mapping.ts'
import { MAPPING_FORM, objectsOf } from '../domain/mapping-document.ts'
import { shownProblem, typeOfObject } from '../domain/showing-mappings.ts'
import { hubSpotRun } from '../domain/telling.ts'
import { integrationsOf } from '../store/integrations.ts'
import { changesOf, mappingRefused, refusedMapping, shownMappings, unread } from './mapping-answers.ts'

/** Most records that a preview tries a mapping on. */
const MOST_SAMPLES = 50

/** What can be asked about mappings. */
export const mappingQueries = {
  hubspotIntegration: async (_, { id }, ctx) => {
    const found = chosen(await ctx.db.read(ctx.orgId, (tx) => integrationsOf(tx, ctx.orgId)), id ?? null)
    return found && found !== 'ambiguous' ? { __typename: 'HubSpotIntegration', id: found.id } : null
  },

  previewMapping: async (_, { integrationId, objectType, changes, sample }, ctx) => {
    const type = typeOfObject(objectType)
    const ask = { integrationId, type, changes: changesOf(changes), sample: pageSize(sample, MOST_SAMPLES) }
    const preview = await previewMapping(ctx, ask)
    if (!preview) return missing('The HubSpot connection')
    return {
      __typename: 'MappingPreview',
      ...preview,
      problems: preview.problems.map((problem) => shownProblem(type, problem)),
      savable: preview.problems.every(({ blocks }) => !blocks),
    }
  },

  exportMappings: async (_, { integrationId }, ctx) => {
    const integration = await ctx.integrations.load(integrationId)
    if (!integration) return null
    const mapped = await ctx.mapped.load(integrationId)
    return {
      fileName: `mappings-${integration.portal_id ?? integrationId}.json`,
      document: writeFile(MAPPING_FORM, { objects: objectsOf(mapped?.overrides ?? {}) }),
    }
  },
} satisfies QueryResolvers

/** What can be done with mappings. */
export const mappingMutations = {
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
    if (typeof refreshing === 'string') return invalid('integrationId', standstills('HubSpot')[refreshing])
    const { run, receipt } = refreshing
    return { __typename: 'FieldCatalogRefreshing', run: hubSpotRun(run), receipt }
  },
} satisfies MutationResolvers
