/** A change of ours that HubSpot does not have yet, as the graph shows it. */
export interface PendingWriteRow {
  operation: 'CREATE' | 'UPDATE' | 'DELETE'
  type: string
  state: 'WAITING' | 'RETRYING' | 'HELD' | 'GIVEN_UP'
  fields: PendingFieldRow[]
  since: Date
  attempts: number
  lastError: string | null
  guidance: string | null
  nextTryAt: Date | null
}

/** One value of it. */
export interface PendingFieldRow {
  name: string
  label: string | null
  from: string | null
  to: string | null
  /** Whether it is to be shown only to those who may see persons. */
  personal: boolean
}
