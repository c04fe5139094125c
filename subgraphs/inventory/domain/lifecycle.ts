/** Where a part is in its life, from being made for long to being made no more. */
export const LIFECYCLES = ['ACTIVE', 'NOT_FOR_NEW_DESIGNS', 'LAST_TIME_BUY', 'OBSOLETE'] as const
export type Lifecycle = (typeof LIFECYCLES)[number]
