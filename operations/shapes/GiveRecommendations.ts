import { z } from 'zod'
import { shapeOf } from '../shape.ts'

const part = z.string().min(1).max(100)
const reasoning = z.string().min(1).max(2_000)
/** A number as decimal text: as many digits as were sent, never in powers of ten. */
const decimal = z
  .number()
  .transform((number) => number.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 }))

const pricing = z.strictObject({
  type: z.literal('pricing'),
  component: part,
  suggestedPrice: decimal,
  confidence: z.number().min(0).max(1),
  reasoning,
})
const alternative = z.strictObject({
  type: z.literal('alternative'),
  originalComponent: part,
  alternativeComponent: part,
  savings: decimal,
  reasoning,
})

interface Pushed {
  rfq: { id: string }
  recommendations: {
    id: string
    kind: 'PRICING' | 'ALTERNATIVE'
    partNumber: string
    alternativePartNumber: string | null
    push: { state: string; problem: string | null } | null
  }[]
  pushed: number
}

/** Recommendations for a request, as the quoting side's own documents have them: confidence from 0 to 1, prices as numbers. */
export const shape = shapeOf({
  sent: z.strictObject({
    rfqId: z.string().min(1).max(100),
    recommendations: z
      .array(z.discriminatedUnion('type', [pricing, alternative]))
      .min(1)
      .max(100),
  }),
  toVariables: ({ rfqId, recommendations }) => ({
    input: {
      rfqId,
      recommendations: recommendations.map((each) =>
        each.type === 'pricing'
          ? {
              kind: 'PRICING',
              partNumber: each.component,
              price: each.suggestedPrice,
              confidence: Math.round(each.confidence * 100),
              reasoning: each.reasoning,
            }
          : {
              kind: 'ALTERNATIVE',
              partNumber: each.originalComponent,
              alternativePartNumber: each.alternativeComponent,
              saving: each.savings,
              reasoning: each.reasoning,
            },
      ),
    },
  }),
  body: z.object({
    rfqId: z.string(),
    pushed: z.int(),
    recommendations: z.array(
      z.object({
        id: z.string(),
        type: z.enum(['pricing', 'alternative']),
        component: z.string(),
        alternativeComponent: z.string().optional(),
        state: z.string(),
      }),
    ),
  }),
  toBody: ({ rfq, recommendations, pushed }: Pushed) => ({
    rfqId: rfq.id,
    pushed,
    recommendations: recommendations.map(({ id, kind, partNumber, alternativePartNumber, push }) => ({
      id,
      type: kind === 'PRICING' ? ('pricing' as const) : ('alternative' as const),
      component: partNumber,
      ...(alternativePartNumber === null ? {} : { alternativeComponent: alternativePartNumber }),
      state: push?.state.toLowerCase() ?? 'waiting',
    })),
  }),
})
