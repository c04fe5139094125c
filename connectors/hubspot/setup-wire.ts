/** HubSpot's words for what a portal tells about itself: its account, owners, pipelines and properties. */
import type { Paging } from './wire.ts'

export interface Owner {
  /** What `hubspot_owner_id` names; not the user id. */
  id: string
  email: string
  type: 'PERSON' | 'QUEUE'
  firstName: string
  lastName: string
  userId: number | null
  userIdIncludingInactive: number
  createdAt: string
  updatedAt: string
  archived: boolean
  teams?: { id: string; name: string; primary: boolean }[]
}

export interface OwnerPage {
  results: Owner[]
  paging?: Paging
}

export interface PipelineStage {
  id: string
  label: string
  displayOrder: number
  /** Deals: `isClosed` and `probability`; tickets: `ticketState`. Texts all. */
  metadata: Record<string, string>
  createdAt: string
  updatedAt: string
  archived: boolean
}

export interface Pipeline {
  id: string
  label: string
  displayOrder: number
  stages: PipelineStage[]
  createdAt: string
  updatedAt: string
  archived: boolean
}

export type PropertyKind = 'string' | 'number' | 'date' | 'datetime' | 'bool' | 'enumeration'

export interface PropertyOption {
  label: string
  value: string
  displayOrder: number
  hidden: boolean
}

export interface PropertyDefinition {
  name: string
  label: string
  type: PropertyKind
  fieldType: string
  description: string
  groupName: string
  options: PropertyOption[]
  displayOrder: number
  calculated: boolean
  externalOptions: boolean
  hasUniqueValue: boolean
  hidden: boolean
  hubspotDefined: boolean
  formField: boolean
  archived: boolean
  createdAt?: string
  updatedAt?: string
  modificationMetadata: {
    archivable: boolean
    readOnlyDefinition: boolean
    readOnlyOptions?: boolean
    readOnlyValue: boolean
  }
}

export interface PropertyWrite {
  groupName: string
  name: string
  label: string
  type: PropertyKind
  fieldType: string
  description?: string
  options?: PropertyOption[]
  hasUniqueValue?: boolean
  hidden?: boolean
  displayOrder?: number
  formField?: boolean
}

export interface PropertyGroup {
  name: string
  label: string
  displayOrder: number
  archived: boolean
}

export interface AccountDetails {
  portalId: number
  accountType: string
  timeZone: string
  companyCurrency: string
  additionalCurrencies: string[]
  utcOffset: string
  utcOffsetMilliseconds: number
  uiDomain: string
  dataHostingLocation: string
}
