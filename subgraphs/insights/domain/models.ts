/**
 * model   numbers that a method has learned from all customers of an organisation, such as how often they order. Learned by a job now
 *         and then, kept version by version, and read by methods beside a customer's own facts
 *
 * A model is added by what it holds, in `Models`.
 */

/** What has been learned, by name; what nobody could learn yet is absent. */
// biome-ignore lint/suspicious/noEmptyInterface: models are added here
export interface Models {}

export type ModelName = keyof Models
