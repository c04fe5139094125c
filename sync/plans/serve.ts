import type { ExecuteOptions, Opened } from '../execute.ts'
import type { Work } from '../page.ts'
import type { SourceType } from '../source.ts'
import { carryOut } from './carry-out.ts'
import { plansById } from './kept.ts'
import { finishPlan, planWrites } from './make.ts'
import { planUndo } from './undo.ts'

/**
 * Does a run that makes a plan, or does what one says.
 * @param read reads types of the source page by page
 * @throws HUB_PLAN_MOVED, HUB_PLAN_STANDS; what the source throws; HUB_LEASE_LOST, HUB_RUN_CANCELLED
 */
export const servePlan = async (
  work: Work,
  opened: Opened,
  options: ExecuteOptions,
  read: (types: readonly SourceType[]) => Promise<unknown>,
): Promise<void> => {
  const { database, run, source, clock } = work
  const id = run.planId ?? ''
  const plan = (await database.read(run.orgId, (tx) => plansById(tx, run.orgId, [id], clock.now()))).get(id)
  if (!plan) throw new Error('the plan of a run is not there')
  if (run.purpose === 'APPLY') return await carryOut({ work, opened, options, plan })
  if (plan.kind === 'UNDO') await planUndo(work, opened, plan)
  else {
    await read(source.types.filter(({ type }) => plan.types.includes(type)))
    await planWrites(work, plan.types)
  }
  await finishPlan(work)
}
