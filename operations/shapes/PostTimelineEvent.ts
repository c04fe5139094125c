import { z } from 'zod'
import { shapeOf } from '../shape.ts'

const STATES = ['waiting', 'sending', 'sent', 'noted', 'refused'] as const

interface Posted {
  entry: { id: string; kind: string; at: string; state: string }
  isNew: boolean
}

/** An event as HubSpot's own timeline takes it, so that who posts there today only changes the address. */
export const shape = shapeOf({
  sent: z.strictObject({
    objectType: z.string().max(100),
    objectId: z.coerce.string().max(100),
    eventTemplateId: z.string().max(100),
    tokens: z
      .record(z.string(), z.union([z.string(), z.number()]).transform(String))
      .refine((tokens) => Object.keys(tokens).length <= 100),
    timestamp: z.iso.datetime().optional(),
    id: z.string().max(200).optional(),
    integrationId: z.string().max(100).optional(),
  }),
  toVariables: ({ tokens, timestamp, id, ...rest }) => ({
    input: {
      ...rest,
      tokens: Object.entries(tokens).map(([name, value]) => ({ name, value })),
      ...(timestamp === undefined ? {} : { at: timestamp }),
      ...(id === undefined ? {} : { key: id }),
    },
  }),
  body: z.object({
    id: z.string(),
    eventTemplateId: z.string(),
    timestamp: z.string(),
    state: z.enum(STATES),
    isNew: z.boolean(),
  }),
  toBody: ({ entry, isNew }: Posted) => ({
    id: entry.id,
    eventTemplateId: entry.kind,
    timestamp: entry.at,
    state: entry.state.toLowerCase() as (typeof STATES)[number],
    isNew,
  }),
})
