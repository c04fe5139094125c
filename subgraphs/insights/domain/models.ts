/**
 * model   numbers that a method has learned from all customers of an organisation, such as how often they order. Learned by a job now
 *         and then, kept version by version, and read by methods beside a customer's own facts
 *
 * A model is added by what it holds, in `Models`.
 */
import type { BasketsModel } from './buying/baskets.ts'
import type { BuyingModel } from './buying/learning.ts'
import type { ChurnModel } from './churn-model.ts'
import type { TrustModel } from './trust.ts'

/** What has been learned, by name; what nobody could learn yet is absent. */
export interface Models {
  buying: BuyingModel
  baskets: BasketsModel
  churn: Versioned<ChurnModel>
  trust: Versioned<TrustModel>
}

/** What was learned, and in which version of it. */
export type Versioned<Learned> = Learned & { version: number }

export type ModelName = keyof Models
