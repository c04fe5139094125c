import type { Opened } from '../execute.ts'
import type { Work } from '../page.ts'
import type { KeptPlan } from './kept.ts'

/** Plans what would undo a run. */
export const planUndo = async (_work: Work, _opened: Opened, _plan: KeptPlan): Promise<void> => {}
