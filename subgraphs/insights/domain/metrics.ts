import { crmMetrics } from './metrics/crm.ts'
import type { Metric } from './metrics/metric.ts'
import { paymentMetrics } from './metrics/payment.ts'
import { supportMetrics } from './metrics/support.ts'
import { usageMetrics } from './metrics/usage.ts'

export { type DimensionName, dimensionNames, type Metric } from './metrics/metric.ts'

/** The metrics of the health score, side by side. Each names its curve; the weights say what counts more. */
export const metrics: readonly Metric[] = [
  ...crmMetrics,
  ...paymentMetrics,
  ...usageMetrics,
  ...supportMetrics,
]
