import { z } from 'zod'
import { shapeOf } from '../shape.ts'

const text = z.string().max(1000).nullish()

/** One person or company on its way to HubSpot, as the earlier product was asked. What HubSpot does not have yet is told beside its answer. */
export const shape = shapeOf({
  sent: z.strictObject({
    entity_type: z.string().max(100),
    integration_id: z.string().max(100).optional(),
    contact: z
      .strictObject({
        email: z.string().max(1000),
        firstName: text,
        lastName: text,
        company: text,
        companyId: text,
        phone: text,
        title: text,
      })
      .optional(),
    company: z
      .strictObject({
        id: text,
        name: text,
        domain: text,
        website: text,
        industry: text,
        phone: text,
        city: text,
        country: text,
      })
      .optional(),
    options: z.object({ skipEnrichment: z.boolean().optional(), priority: z.int().optional() }).optional(),
  }),
  toVariables: ({ entity_type, integration_id, options, ...record }) => ({
    input: {
      entityType: entity_type,
      ...record,
      ...(integration_id === undefined ? {} : { integrationId: integration_id }),
      ...(options === undefined ? {} : { options }),
    },
  }),
  body: z.object({
    success: z.boolean(),
    crmContactId: z.string().nullable(),
    entityType: z.string(),
    pending: z.literal(true).optional(),
  }),
  toBody: (synced: {
    success: boolean
    crmContactId: string | null
    entityType: string
    isPending: boolean
  }) => ({
    success: synced.success,
    crmContactId: synced.crmContactId,
    entityType: synced.entityType,
    ...(synced.crmContactId === null || synced.isPending ? { pending: true as const } : {}),
  }),
})
