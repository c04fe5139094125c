import type { Knots } from '../knots.ts'
import type { Measure } from '../measuring.ts'

export const dimensionNames = ['CRM', 'PAYMENT', 'USAGE', 'SUPPORT'] as const
export type DimensionName = (typeof dimensionNames)[number]

export interface Metric {
  name: string
  dimension: DimensionName
  unit: string
  /** Weight within its dimension; only ratios count. */
  weight: number
  knots: Knots
  measure: Measure
  /** Values that it can come to have, where those between them mean nothing. */
  targets?: readonly number[]
  /** What somebody can do to bring it to a value. */
  improve: (to: number) => string
}

/** The curve of what is measured in points already. */
export const asIs: Knots = [
  [0, 0],
  [100, 100],
]
