import type { ColumnType, Generated } from 'kysely'
import type { Hold, HoldReason } from './run.ts'

type Json<T> = ColumnType<T, string, string>
type Instant = Date | null

interface Counters {
  done: Generated<number>
  created: Generated<number>
  updated: Generated<number>
  skipped: Generated<number>
  deleted: Generated<number>
  failed: Generated<number>
  conflicts: Generated<number>
  api_calls: Generated<number>
}

/** The tables of this floor, in whichever database they are. */
export interface SyncTables {
  'sync.runs': {
    id: string
    org_id: string
    connection_id: string
    mode: 'FULL' | 'INCREMENTAL' | 'RECONCILE'
    state: Generated<'QUEUED' | 'RUNNING' | 'HELD' | 'COMPLETED' | 'FAILED' | 'CANCELLED'>
    priority: Generated<'ASKED' | 'BACKGROUND'>
    purpose: Generated<'SYNC' | 'PLAN' | 'APPLY'>
    plan_id: string | null
    hold: Json<Hold> | null
    allowed: Generated<Json<Pick<HoldReason, 'type' | 'action'>[]>>
    cancel_requested: Generated<boolean>
    token: Generated<number>
    lease_until: Instant
    not_before: Instant
    attempts: Generated<number>
    error_code: string | null
    error: string | null
    requested_at: Date
    started_at: Instant
    finished_at: Instant
  }
  'sync.checkpoints': Counters & {
    org_id: string
    run_id: string
    type: string
    phase: string
    cursor: string | null
    complete: Generated<boolean>
    watermark: Instant
    total: number | null
  }
  'sync.watermarks': {
    org_id: string
    connection_id: string
    type: string
    modified_at: Date
    run_id: string
  }
  'sync.links': {
    org_id: string
    connection_id: string
    type: string
    external_id: string
    local_id: string
    base: Json<Record<string, unknown>> | null
    lineage: Json<Record<string, unknown>>
    external_modified: Instant
    seen_run: string
    gone_at: Instant
    gone_reason: 'archived' | 'missing' | 'merged' | 'excluded' | null
    sync_count: Generated<number>
    last_synced_at: Date
  }
  'sync.aliases': {
    org_id: string
    connection_id: string
    type: string
    external_id: string
    survivor_id: string
    at: Date
  }
  'sync.rate_buckets': {
    bucket: string
    max: number
    interval_ms: number
    last_call: Generated<number>
    banned_until: Instant
    interactive_at: Instant
    remaining: number | null
    remaining_of: number | null
    remaining_at: Instant
  }
}
