import type { Knots } from '../knots.ts'
import type { Measure } from '../measuring.ts'
import type { WeeklyKind } from '../weeks.ts'

export const dimensionNames = ['CRM', 'PAYMENT', 'USAGE', 'SUPPORT'] as const
export type DimensionName = (typeof dimensionNames)[number]

export interface Metric {
  name: string
  dimension: DimensionName
  unit: string
  /** What is measured, in a sentence. */
  description: string
  /** Weight within its dimension; only ratios count. */
  weight: number
  knots: Knots
  measure: Measure
  /** What comes day by day and it rests on; absent where it rests on records. */
  days?: WeeklyKind
  /**
   * Not every customer has what it rests on, such as a telephone account or a subscription. Of whom nothing is told there is nothing
   * missing: that lowers no coverage.
   */
  isExtra?: true
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
