import { z } from 'zod'
import { shapeOf } from '../shape.ts'

interface Period {
  number: number
  percentOfAverage: string
}
interface Insights {
  buyingBehavior: {
    orderFrequency: { class: keyof typeof FREQUENCIES }
    avgOrderValue: { mean: { amount: string } } | null
    growthTrend: { direction: string } | null
    seasonalPatterns: { months: Period[]; quarters: Period[] } | null
  } | null
  componentPreferences: { category: string; family: string | null; volumeShare: string }[] | null
  riskFactors: { type: string; probability: string; impact: string }[] | null
  opportunities: {
    nodes: { type: string; category: string; estimatedValue: { amount: string }; confidence: string }[]
  } | null
  recommendations: { action: string; priority: string; expectedOutcome: string }[] | null
}

const FREQUENCIES = {
  WEEKLY: 'weekly',
  BIWEEKLY: 'bi-weekly',
  MONTHLY: 'monthly',
  QUARTERLY: 'quarterly',
  HALF_YEARLY: 'half-yearly',
  YEARLY: 'yearly',
  RARE: 'rare',
  IRREGULAR: 'irregular',
  SINGLE: 'single',
} as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Risks that these documents have another name for. */
const RISKS: Readonly<Record<string, string>> = { PAYMENT_OVERDUE: 'payment_delay' }

const lower = (word: string): string => word.toLowerCase()
const standing = (name: string, { percentOfAverage }: Period): string =>
  `${name}_${Number(percentOfAverage) > 100 ? 'peak' : 'low'}`
/** 0–100 as 0–1. */
const share = (confidence: string): number => Number((Number(confidence) / 100).toFixed(4))

/** What is thought of a customer, as the customer intelligence documents have it: confidence from 0 to 1, amounts as numbers. */
export const shape = shapeOf({
  sent: z.strictObject({
    companyId: z.string().min(1).max(100),
    integrationId: z.string().min(1).max(100).optional(),
  }),
  toVariables: (sent) => sent,
  body: z.strictObject({
    companyId: z.string(),
    aiInsights: z.strictObject({
      // Null while it is not known to have bought anything.
      buyingBehavior: z
        .strictObject({
          orderFrequency: z.string(),
          avgOrderValue: z.number().nullable(),
          growthTrend: z.string().nullable(),
          seasonalPatterns: z.array(z.string()),
        })
        .nullable(),
      componentPreferences: z.array(
        z.strictObject({ category: z.string(), preference: z.string(), volumeShare: z.number() }),
      ),
      riskFactors: z.array(z.strictObject({ type: z.string(), probability: z.number(), impact: z.string() })),
      opportunities: z.array(
        z.strictObject({
          ...{ type: z.string(), category: z.string() },
          ...{ estimatedValue: z.number(), confidence: z.number() },
        }),
      ),
      recommendations: z.array(
        z.strictObject({ action: z.string(), priority: z.string(), expectedOutcome: z.string() }),
      ),
    }),
  }),
  toBody: ({ buyingBehavior, ...found }: Insights, { companyId }: { companyId: string }) => ({
    companyId,
    aiInsights: {
      buyingBehavior: buyingBehavior && {
        orderFrequency: FREQUENCIES[buyingBehavior.orderFrequency.class],
        avgOrderValue: buyingBehavior.avgOrderValue && Number(buyingBehavior.avgOrderValue.mean.amount),
        growthTrend: buyingBehavior.growthTrend && lower(buyingBehavior.growthTrend.direction),
        seasonalPatterns: [
          ...(buyingBehavior.seasonalPatterns?.quarters ?? []).map((one) => standing(`Q${one.number}`, one)),
          ...(buyingBehavior.seasonalPatterns?.months ?? []).map((one) =>
            standing(MONTHS[one.number - 1]!, one),
          ),
        ],
      },
      componentPreferences: (found.componentPreferences ?? []).map(({ category, family, volumeShare }) => ({
        category,
        preference: family === null ? 'no family' : `${family} family`,
        volumeShare: Number(volumeShare),
      })),
      riskFactors: (found.riskFactors ?? []).map(({ type, probability, impact }) => ({
        type: RISKS[type] ?? lower(type),
        probability: Number(probability),
        impact: lower(impact),
      })),
      opportunities: (found.opportunities?.nodes ?? []).map(
        ({ type, category, estimatedValue, confidence }) => ({
          ...{ type: lower(type), category },
          estimatedValue: Number(estimatedValue.amount),
          confidence: share(confidence),
        }),
      ),
      recommendations: (found.recommendations ?? []).map(({ action, priority, expectedOutcome }) => ({
        ...{ action, priority: lower(priority), expectedOutcome },
      })),
    },
  }),
})
