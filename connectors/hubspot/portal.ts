import type { ConnectorOptions, Page } from '../contract.ts'
import type { HubSpotHistory } from './history.ts'
import type { HubSpotPair, HubSpotPairRefusal } from './links.ts'
import type {
  HubSpotAccount,
  HubSpotChanges,
  HubSpotGroup,
  HubSpotLink,
  HubSpotOwner,
  HubSpotPipeline,
  HubSpotProperty,
  HubSpotRecord,
  HubSpotSchema,
  HubSpotSchemaAssociation,
  HubSpotSearch,
  NewHubSpotProperty,
  NewHubSpotSchema,
  NotMade,
} from './record.ts'
import type {
  HubSpotEventRefusal,
  HubSpotTimelineTemplate,
  HubSpotTimelineToken,
  NewHubSpotEvent,
  NewHubSpotTimelineTemplate,
} from './timeline.ts'
import type { HubSpotBatch, HubSpotRow } from './written.ts'

/** How to reach one portal. Its limiter has the buckets `burst`, `search` and `daily`; the last is only observed. */
export interface HubSpotOptions extends ConnectorOptions {
  /** The access token to use now. Asked before every request, so keep it in memory. */
  token(): Promise<string>
  /** HubSpot called this token expired. When it resolves, `token()` is asked once more. Called once per token, however many requests met it. */
  expired?(token: string): Promise<void>
  /** HubSpot does not know this token at all (401 of another kind). @returns whether `token()` has another one to try, once */
  rejected?(token: string): Promise<boolean>
  /** Calls are refused for want of scopes. @returns what is thrown for it */
  lacks?(scopes: readonly string[], error: Error): Promise<Error>
  /** Of the app that the portal has installed: opens the app's own settings, such as what its timeline events look like. */
  developer?: { appId: string; apiKey: string }
  /** Of the account, at whose midnight the daily limit is reset; as `account()` tells once it was asked. */
  timeZone?: string
}

/** Requests sent, tries included. */
export interface RequestCounts {
  total: number
  list: number
  search: number
  read: number
  associations: number
  /** Account, owners, pipelines, properties and their groups, made-up types. */
  setup: number
  /** Records, links and timeline events that were sent. */
  write: number
  /** How many of the total were second and later tries. */
  retries: number
}

export interface ListOptions {
  properties?: readonly string[]
  /** Types to give the links to, such as `contacts`. They come inline, with no request of their own unless a list is too long for it. */
  associations?: readonly string[]
  /** true lists the archived records, and only those. */
  archived?: boolean
  /** `next` of the page after which to go on. */
  after?: string | undefined
  /** Records per page, at most 100. */
  limit?: number
}

export interface ChangesOptions {
  /** First modified time to read, inclusive. The caller subtracts its overlap for the search index's lag. */
  since: Date
  /** From `reached` of an earlier page: of the records modified exactly at `since`, only those with a higher id. */
  afterId?: string | undefined
  /** `next` of an earlier page of the same reading: goes on there, whatever `since` and `afterId` say. */
  after?: string | undefined
  /**
   * Last modified time to read, inclusive, by HubSpot's clock. What changes later belongs to the next reading.
   * Left out, the reading ends when it has caught up, and records that change meanwhile come again.
   */
  until?: Date | undefined
  properties?: readonly string[]
}

/** One portal. Every method may throw the errors of `connectors/contract.ts`, and the signal's reason. */
export interface HubSpot {
  account(): Promise<HubSpotAccount>
  /** All owners, archived ones too. */
  owners(): Promise<HubSpotOwner[]>
  /** @param type `deals` or `tickets` */
  pipelines(type: string): Promise<HubSpotPipeline[]>
  properties(type: string): Promise<HubSpotProperty[]>
  /**
   * Makes properties, at most 100. One that is there already, or that the portal refuses, does not keep the others from being made.
   * @returns those that were not made, each with HubSpot's words for why
   */
  createProperties(type: string, properties: readonly NewHubSpotProperty[]): Promise<NotMade[]>
  /** The groups of a type's properties, live ones. */
  groups(type: string): Promise<HubSpotGroup[]>
  /** Makes a group of properties. @returns false when there is one of that name already */
  createGroup(type: string, group: { name: string; label: string }): Promise<boolean>
  /**
   * The object types that the portal has made up. Portals that may not have any throw HUB_VENDOR_SCOPE_MISSING.
   * @param options `archived` lists those that were given up and still hold their names
   */
  schemas(options?: { archived?: boolean }): Promise<HubSpotSchema[]>
  /**
   * Makes an object type with its properties and what it may be linked with, all or nothing.
   * @throws HUB_VENDOR_REFUSED for a name that is taken, also by a type that was given up (`OBJECT_ALREADY_EXISTS`)
   */
  createSchema(schema: NewHubSpotSchema): Promise<HubSpotSchema>
  /** Lets records of a made-up type be linked with those of another type. Types that can be already stay as they are. */
  createSchemaAssociation(from: string, to: string, name?: string): Promise<HubSpotSchemaAssociation>
  /** Every record of a type. Strongly consistent; the order is the vendor's. */
  list(type: string, options?: ListOptions): AsyncIterable<Page<HubSpotRecord>>
  /**
   * Records by modified time, `since` … `until`, each once, however many share one modified time. Yields at least one page.
   * The search index lags behind writes by seconds to minutes: overlap readings. Archived records never show here.
   */
  changedSince(type: string, options: ChangesOptions): AsyncIterable<HubSpotChanges>
  /**
   * Reads records by id, or by the values of a unique property.
   * @returns `missing`: the ids that the portal does not answer for (archived, deleted, or merged away: `get` follows a merge);
   * `refused`: those that are there but were not given, while the others were (207)
   */
  readBatch(
    type: string,
    ids: readonly string[],
    properties?: readonly string[],
    idProperty?: string,
  ): Promise<{
    records: HubSpotRecord[]
    missing: string[]
    refused: { id: string; category: string }[]
  }>
  /**
   * Changes records, at most 100, in one request. A row that HubSpot refuses does not keep the others from being written.
   * `lifecyclestage` only moves forward by API: where the answer shows that a step back was dropped, it is taken away and set again, in
   * two further requests. A record that was merged away is refused as `OBJECT_NOT_FOUND`: `get` follows the merge.
   * @throws HUB_VENDOR_UNAVAILABLE when no answer came back: the rows may or may not be written, and were not sent twice;
   * HUB_VENDOR_REFUSED when the batch was refused whole, in words that name none of its rows: nothing was written
   */
  updateBatch(type: string, rows: readonly HubSpotRow[]): Promise<HubSpotBatch>
  /**
   * Changes the records that have a value in a unique property, and makes those that nobody has yet: sending it again makes none twice.
   * @param idProperty the unique property that the rows' `id` is a value of
   * @throws as `updateBatch`
   */
  upsertBatch(type: string, idProperty: string, rows: readonly HubSpotRow[]): Promise<HubSpotBatch>
  /** Makes records, at most 100. After a lost answer nobody can tell which were made: prefer `upsertBatch`. @throws as `updateBatch` */
  createBatch(type: string, rows: readonly Omit<HubSpotRow, 'id'>[]): Promise<HubSpotBatch>
  /** Archives records, at most 100. One that is gone already counts as archived, so that sending it again is safe. */
  archiveBatch(type: string, ids: readonly string[]): Promise<void>
  /**
   * Links records of two types, in one request per 2,000 pairs; a pair that is linked already stays so. Pairs that say `primary` make
   * `to` the record's primary company.
   * @returns the pairs that HubSpot refused, while it linked the others
   */
  link(from: string, to: string, pairs: readonly HubSpotPair[]): Promise<HubSpotPairRefusal[]>
  /**
   * Takes links away, with everything they say; of pairs that say `primary`, only that. Pairs that are not linked are passed over.
   */
  unlink(from: string, to: string, pairs: readonly HubSpotPair[]): Promise<void>
  /**
   * The values that properties have had, 50 records per request, newest first; how many HubSpot keeps is its own affair (about 20).
   * @returns by record; ids that the portal does not answer for are absent
   */
  readHistory(
    type: string,
    ids: readonly string[],
    properties: readonly string[],
  ): Promise<Map<string, HubSpotHistory>>
  /** The kinds of event that the app has designed. @throws HUB_VENDOR_APP_REJECTED without `developer`, or when HubSpot does not accept its key */
  timelineTemplates(): Promise<HubSpotTimelineTemplate[]>
  /** Designs a kind of event. HubSpot lets several have one name: look before. @throws as `timelineTemplates` */
  createTimelineTemplate(template: NewHubSpotTimelineTemplate): Promise<HubSpotTimelineTemplate>
  /** Gives a kind of event one more token, if it has none of that name. @throws as `timelineTemplates` */
  createTimelineToken(templateId: string, token: HubSpotTimelineToken): Promise<void>
  /**
   * Puts events on records, at most 100. One whose id is there already counts as put, so that sending it again is safe.
   * @returns the events that HubSpot refused, while it took the others
   */
  createTimelineEvents(events: readonly NewHubSpotEvent[]): Promise<HubSpotEventRefusal[]>
  /** One record, or undefined. Follows merges: the answer's id may differ from the one asked for. */
  get(type: string, id: string, properties?: readonly string[]): Promise<HubSpotRecord | undefined>
  /** The complete links of records, 1,000 records per request. Every id asked for has an entry, empty when nothing is linked. */
  associations(from: string, to: string, ids: readonly string[]): Promise<Map<string, HubSpotLink[]>>
  /** The lists that records are in, by record. Every id asked for has an entry. */
  lists(type: string, ids: readonly string[]): Promise<Map<string, string[]>>
  /** One page of a search; `total` may exceed the 10,000 that paging can reach. */
  search(type: string, search: HubSpotSearch): Promise<Page<HubSpotRecord> & { total: number }>
  readonly requests: Readonly<RequestCounts>
}
