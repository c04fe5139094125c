import type { Opened } from '../execute.ts'
import type { Work } from '../page.ts'
import type { KeptPlan } from './kept.ts'

/** Looks whether what a plan would write at the source is still what there is to write. */
export const checkWrites = async (
  _work: Work,
  _opened: Opened,
  _plan: KeptPlan,
  _type: string,
): Promise<void> => {}

/** Writes what a plan says at the source, and nothing else. */
export const carryOutWrites = async (
  _work: Work,
  _opened: Opened,
  _plan: KeptPlan,
  _type: string,
): Promise<void> => {}
