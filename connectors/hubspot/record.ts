import type { Page } from '../contract.ts'

/** A record of any HubSpot type as a page of the connector gives it. */
export interface HubSpotRecord {
  /** Always text: ids above 2^53 exist. */
  id: string
  /** Values are text, or null when the property is not set. Properties the portal does not have are absent. */
  properties: Record<string, string | null>
  /** ISO 8601. */
  createdAt: string
  /** ISO 8601. */
  updatedAt: string
  archived: boolean
  /** ISO 8601; archived records only. */
  archivedAt?: string | undefined
  /** Complete, per type asked for, each linked record once. Absent when no association was asked for. */
  associations?: Record<string, HubSpotLink[]>
}

/** One linked record. */
export interface HubSpotLink {
  id: string
  /** Whether HubSpot calls it the primary one (links with companies only). */
  primary: boolean
  /** Labels that people of the portal gave to the link. Known from association reads only; inline lists carry none. */
  labels: string[]
}

/** Where a reading of changes stands: everything modified before `since` is read, and of `since` itself everything up to `afterId`. */
export interface HubSpotCheckpoint {
  since: Date
  /** Set only inside a large group of records with one modified time. */
  afterId?: string | undefined
}

/**
 * A page of changes. Store `reached`, or `next`, with the rows. `next` is undefined on the last page;
 * `reached.since` is `until` then, or the newest modified time read when there is no `until`.
 */
export interface HubSpotChanges extends Page<HubSpotRecord> {
  reached: HubSpotCheckpoint
}

export interface HubSpotAccount {
  portalId: string
  /** IANA name; daily limits are reset at its midnight. */
  timeZone: string
  /** ISO 4217. */
  companyCurrency: string | undefined
  accountType: string | undefined
  uiDomain: string | undefined
}

export interface HubSpotOwner {
  id: string
  email: string | null
  firstName: string | null
  lastName: string | null
  userId: string | null
  archived: boolean
  teams: { id: string; name: string; primary: boolean }[]
}

export interface HubSpotPipeline {
  id: string
  label: string
  displayOrder: number
  archived: boolean
  stages: HubSpotStage[]
}

export interface HubSpotStage {
  id: string
  label: string
  displayOrder: number
  archived: boolean
  /** Deals: `isClosed`, `probability`; tickets: `ticketState`. All text. */
  metadata: Record<string, string>
}

export interface HubSpotProperty {
  name: string
  label: string
  type: string
  fieldType: string
  description: string
  groupName: string
  archived: boolean
  calculated: boolean
  readOnlyValue: boolean
  hasUniqueValue: boolean
  /** The portal does not show it to its own people. */
  hidden: boolean
  /** HubSpot's own; otherwise the portal's people have made it. */
  hubspotDefined: boolean
  /** Whether the portal marks its values as (highly) sensitive. */
  sensitive: boolean
  options: { label: string; value: string }[]
}

export interface HubSpotFilter {
  propertyName: string
  operator: string
  value?: string
  highValue?: string
  values?: string[]
}

export interface HubSpotSearch {
  filterGroups?: { filters: HubSpotFilter[] }[]
  sorts?: { propertyName: string; direction: 'ASCENDING' | 'DESCENDING' }[]
  properties?: readonly string[]
  query?: string
  /** At most 200, HubSpot's own limit. */
  limit?: number
  after?: string
}

/** A property that is to be made. */
export interface NewHubSpotProperty {
  name: string
  label: string
  description: string
  groupName: string
  type: 'string' | 'number' | 'date' | 'datetime' | 'enumeration' | 'bool'
  fieldType: string
  options?: readonly { value: string; label: string }[]
  /** No two records of the type may have one value, so that records can be named by it. Cannot be changed later. */
  hasUniqueValue?: boolean
}

/** A property that a portal did not make. */
export interface NotMade {
  name: string
  category: string
  /** Null when it did not say. */
  message: string | null
}

/** A group in which properties are shown. */
export interface HubSpotGroup {
  name: string
  label: string
  archived: boolean
}

/** An object type that a portal has made up. */
export interface HubSpotSchema {
  /** Such as `2-4711`: what every other call takes as its type. */
  typeId: string
  /** What it was made with; it can never be changed, and another type may take it only after this one is purged. */
  name: string
  /** With the portal's id in it, such as `p44_trunk`. */
  fullyQualifiedName: string
  labels: { singular: string; plural: string }
  primaryDisplayProperty: string | undefined
  requiredProperties: string[]
  searchableProperties: string[]
  properties: HubSpotProperty[]
  /** Both ways round, by type id. */
  associations: HubSpotSchemaAssociation[]
  archived: boolean
}

export interface HubSpotSchemaAssociation {
  /** The association type's number: another one in every portal. */
  id: string
  /** Type ids, such as `0-2`. */
  from: string
  to: string
  name: string | undefined
}

/** An object type that is to be made. */
export interface NewHubSpotSchema {
  /** Lower case; cannot be changed. */
  name: string
  labels: { singular: string; plural: string }
  description?: string
  /** What a record is called by; one of `properties`, as all the properties named here. */
  primaryDisplayProperty: string
  secondaryDisplayProperties?: readonly string[]
  requiredProperties?: readonly string[]
  /** At most 20. */
  searchableProperties?: readonly string[]
  /** A property without a group gets into the one HubSpot makes with the type. */
  properties: readonly (Omit<NewHubSpotProperty, 'groupName'> & { groupName?: string })[]
  /** Types that its records may be linked with; tasks, notes and calls may always. */
  associatedObjects: readonly string[]
}
