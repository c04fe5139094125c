import { z } from 'zod'
import { shapeOf } from '../shape.ts'

const STATUS = { success: 'SUCCEEDED', failed: 'FAILED', cancelled: 'CANCELLED' } as const
type Status = keyof typeof STATUS
const statusOf = new Map(Object.entries(STATUS).map(([ours, theirs]) => [theirs, ours as Status]))
const KINDS: Readonly<Record<string, string>> = { companies: 'company' }

interface Log {
  id: string
  type: string
  operation: string
  status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  error: string | null
  durationMs: number
  at: string
}

/** The history of single records as the earlier product answered it. Nothing was enriched on the way in, so `enrichments` is empty. */
export const shape = shapeOf({
  sent: z.strictObject({
    integration_id: z.string().max(100).optional(),
    status: z.enum(Object.keys(STATUS) as [Status, ...Status[]]).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  toVariables: ({ integration_id, status, limit }) => ({
    filter: {
      single: true,
      ...(integration_id === undefined ? {} : { integrationId: integration_id }),
      ...(status === undefined ? {} : { status: STATUS[status] }),
    },
    first: limit,
  }),
  body: z.object({
    logs: z.array(
      z.object({
        id: z.string(),
        sync_type: z.string(),
        operation: z.string(),
        status: z.enum(Object.keys(STATUS) as [Status, ...Status[]]),
        enrichments: z.record(z.string(), z.unknown()),
        duration_ms: z.number(),
        error: z.string().nullable(),
        created_at: z.string(),
      }),
    ),
  }),
  toBody: ({ nodes }: { nodes: Log[] }) => ({
    logs: nodes.map((log) => ({
      id: log.id,
      sync_type: KINDS[log.type] ?? log.type.replace(/s$/, ''),
      operation: log.operation.toLowerCase(),
      status: statusOf.get(log.status) ?? 'failed',
      enrichments: {},
      duration_ms: log.durationMs,
      error: log.error,
      created_at: log.at,
    })),
  }),
})
