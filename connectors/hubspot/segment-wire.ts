/**
 * HubSpot's words for lists of records, which its screens call segments and its paths `lists`.
 *
 * MANUAL: people put records in and take them out. DYNAMIC: whatever meets the filters, at any time. SNAPSHOT: what met them once.
 */

export type SegmentProcessing = 'MANUAL' | 'DYNAMIC' | 'SNAPSHOT'

export interface Segment {
  listId: string
  listVersion: number
  name: string
  /** Of the records in it, such as `0-2`. */
  objectTypeId: string
  processingType: SegmentProcessing
  processingStatus: 'COMPLETE' | 'PROCESSING'
  createdAt: string
  updatedAt: string
  createdById?: string
  updatedById?: string
  filtersUpdatedAt?: string
  deletedAt?: string
  size?: number
  /** Only when it was asked for by `includeFilters`. */
  filterBranch?: SegmentBranch
}

/** Conditions: an OR of ANDs of filters. */
export interface SegmentBranch {
  filterBranchType: 'OR' | 'AND'
  filterBranchOperator?: string
  filterBranches: SegmentBranch[]
  filters: SegmentFilter[]
}

export interface SegmentFilter {
  filterType: 'PROPERTY'
  property: string
  operation: {
    operationType: string
    operator: string
    value?: string | number | boolean
    values?: string[]
    includeObjectsWithNoValueSet?: boolean
  }
}

export interface SegmentWrite {
  name: string
  objectTypeId: string
  processingType: SegmentProcessing
  filterBranch?: SegmentBranch
}

/** What a search of lists gives of one: its size comes as a text beside. */
export interface FoundSegment extends Omit<Segment, 'size' | 'filterBranch'> {
  additionalProperties: Record<string, string>
}

export interface SegmentSearchPage {
  lists: FoundSegment[]
  total: number
  offset: number
  hasMore: boolean
}

export interface SegmentMember {
  recordId: string
  membershipTimestamp: string
}

export interface SegmentMemberPage {
  results: SegmentMember[]
  total: number
  paging?: { next?: { after: string; link?: string }; prev?: { before: string; link?: string } }
}

/** What a change of a list's members did. */
export interface SegmentMembersChanged {
  /** HubSpot spells it like this. */
  recordsIdsAdded: string[]
  recordIdsRemoved: string[]
  recordIdsMissing: string[]
}

/** A list that a record is in. */
export interface SegmentOfRecord {
  listId: string
  listVersion: number
  firstAddedTimestamp: string
  lastAddedTimestamp: string
}
