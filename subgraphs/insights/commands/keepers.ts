import type { AssessorName } from '../domain/assess.ts'
import { healthKeeper } from './keep-health.ts'
import type { Keeper } from './keeper.ts'

/** How the findings of each assessor are kept and told. */
export const keepers: { [N in AssessorName]: Keeper<N> } = { health: healthKeeper }
