import type { publish } from '#events/outbox.ts'
import type { Assessment, AssessorName, Memories } from '../domain/assess.ts'
import type { Transaction } from '../store/transaction.ts'

/** What an assessor found of one customer, and what it had found before. */
export interface Judged<N extends AssessorName> {
  customerId: string
  /** The version of the customer's identity it is for. */
  identityVersion: number
  found: Assessment[N]
  /** What stands of it, as others were told; undefined when nothing does. */
  held: Memories[N] | undefined
  /** What it was judged by: what stands, unless the customer has other accounts than before. */
  memory: Memories[N] | undefined
}

/** A customer that no longer stands for itself, and what stands of it. */
export interface Gone<N extends AssessorName> {
  customerId: string
  held: Memories[N] | undefined
  at: Date
}

export type Told = Parameters<typeof publish>[2][number]

/** How the findings of one assessor are kept and told. Each works on a whole batch, with one statement for each of its tables. */
export interface Keeper<N extends AssessorName> {
  /** What was found the last time, by customer. */
  recall(tx: Transaction, orgId: string, customerIds: readonly string[]): Promise<Map<string, Memories[N]>>
  save(tx: Transaction, orgId: string, judged: readonly Judged<N>[]): Promise<void>
  /** Forgets customers that no longer stand for themselves. @returns what others are told of that */
  forget(tx: Transaction, orgId: string, gone: readonly Gone<N>[]): Promise<readonly Told[]>
  /** What others are told: nothing, unless something has moved. */
  tell(judged: Judged<N>, orgId: string): Told[]
}
