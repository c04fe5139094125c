import { readChanges } from './changes.ts'
import { readHistory } from './history.ts'
import { openWire } from './http.ts'
import { link, unlink } from './links.ts'
import { listRecords, withValues } from './list.ts'
import { readLists } from './memberships.ts'
import type { HubSpot, HubSpotOptions } from './portal.ts'
import { getRecord, readBatch, readLinks, searchPage } from './read.ts'
import { createGroup, createSchema, createSchemaAssociation, readGroups, readSchemas } from './schemas.ts'
import { createProperties, readAccount, readOwners, readPipelines, readProperties } from './setup.ts'
import { createEvents, createTemplate, createToken, readTemplates } from './timeline.ts'
import { archiveBatch, createBatch, updateBatch, upsertBatch } from './write.ts'

/**
 * Opens one portal. It holds nothing that would have to be closed: connections are pooled by the process.
 * Give clients of one portal the same `limiter` and `circuit`; open one client per run to count its requests.
 */
export const openHubSpot = (options: HubSpotOptions): HubSpot => {
  const wire = openWire(options)
  return {
    requests: wire.requests,
    account: () => readAccount(wire),
    owners: () => readOwners(wire),
    pipelines: (type) => readPipelines(wire, type),
    properties: (type) => readProperties(wire, type),
    createProperties: (type, made) => createProperties(wire, type, made),
    groups: (type) => readGroups(wire, type),
    createGroup: (type, group) => createGroup(wire, type, group),
    schemas: (options) => readSchemas(wire, options?.archived),
    createSchema: (schema) => createSchema(wire, schema),
    createSchemaAssociation: (from, to, name) => createSchemaAssociation(wire, from, to, name),
    list: (type, list) => listRecords(wire, type, list),
    changedSince: (type, changes) => readChanges(wire, type, changes),
    readBatch: (type, ids, properties, idProperty) => readBatch(wire, type, ids, properties, { idProperty }),
    updateBatch: (type, rows) => updateBatch(wire, type, rows),
    upsertBatch: (type, idProperty, rows) => upsertBatch(wire, type, idProperty, rows),
    createBatch: (type, rows) => createBatch(wire, type, rows),
    archiveBatch: (type, ids) => archiveBatch(wire, type, ids),
    link: (from, to, pairs) => link(wire, from, to, pairs),
    unlink: (from, to, pairs) => unlink(wire, from, to, pairs),
    readHistory: (type, ids, properties) => readHistory(wire, type, ids, properties),
    timelineTemplates: () => readTemplates(wire),
    createTimelineTemplate: (template) => createTemplate(wire, template),
    createTimelineToken: (templateId, token) => createToken(wire, templateId, token),
    createTimelineEvents: (events) => createEvents(wire, events),
    get: (type, id, properties) => getRecord(wire, type, id, properties),
    associations: (from, to, ids) => readLinks(wire, from, to, ids),
    lists: (type, ids) => readLists(wire, type, ids),
    search: async (type, search) => {
      const page = await searchPage(wire, type, search)
      const records = page.complete
        ? page.records
        : await withValues(wire, type, page.records, search.properties ?? [], false)
      return { records, next: page.after, total: page.total }
    },
  }
}
