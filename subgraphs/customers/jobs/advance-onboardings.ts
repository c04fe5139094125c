import type { Clock } from '#kernel/clock.ts'
import { type Jobs, task } from '#service/jobs.ts'
import { moveOnboarding } from '../commands/advance-onboarding.ts'
import type { ChangeRecords } from '../context.ts'
import { lockBeginnings } from '../store/onboarding-settings.ts'
import type { Rows } from '../store/transaction.ts'
import { advanceOnboarding } from './definitions.ts'

/** Moves an onboarding as far as it comes, in one transaction. Safe to repeat, and for many at once: the second finds it moved. */
export const advanceOnboardings = (
  changeRecords: ChangeRecords,
  has: { hasMailServer: boolean; hasDeveloper: boolean },
) =>
  task<
    { orgId: string; onboardingId: string },
    { database: Rows; clock: Clock; jobs: Jobs; published(): void }
  >(advanceOnboarding, async ({ orgId, onboardingId }, { database, clock, jobs, published }) => {
    const act = { orgId, clock, jobs, changeRecords, ...has }
    // Whoever brings news asks for this job, and finds it asked for already as long as it has not begun. From here on it has: those who
    // found it so are waited for, so that what they bring is seen; those who come later ask anew.
    await database.transaction(orgId, (tx) => lockBeginnings(tx, orgId))
    await database.transaction(orgId, (tx) => moveOnboarding(tx, act, onboardingId))
    published()
  })
