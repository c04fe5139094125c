import type { Create, Plan, Update } from '#sync/plan.ts'
import type { Applying } from '#sync/target.ts'
import type { Values } from '#sync/values.ts'

/** A record that is new or changed. */
export type Change = Create | Update

export const changesOf = (plan: Plan): Change[] => [...plan.creates, ...plan.updates]
export const goneIds = (plan: Plan): string[] => plan.gone.map((gone) => gone.localId)

/** When C3 says that a record changed; when it was read, where it does not say. */
export const observedAt = (change: Change, around: Applying): Date => change.modifiedAt ?? around.at

export const text = (values: Values, field: string): string => String(values[field] ?? '')
export const maybeText = (values: Values, field: string): string | null =>
  (values[field] as string | null | undefined) ?? null
export const maybeNumber = (values: Values, field: string): number | null =>
  (values[field] as number | null | undefined) ?? null
