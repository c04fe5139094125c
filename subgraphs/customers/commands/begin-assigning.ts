import type { Jobs } from '#service/jobs.ts'
import { assignRemaining } from '../jobs/definitions.ts'
import { beginAssignmentRun } from '../store/assignment-runs.ts'
import { type IntegrationRow, integrationsOf, noteSince } from '../store/integrations.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { assigns } from './assign-contacts.ts'

/**
 * Has a portal's contacts that nobody looks after given to colleagues in the background. Begun again while it is under way, it begins at
 * the first.
 * @param after behind this contact; left out: all
 */
export const beginAssigning = async (
  tx: Transaction,
  jobs: Pick<Jobs, 'enqueue'>,
  {
    orgId,
    integrationId,
    at,
    after = null,
  }: { orgId: string; integrationId: string; at: Date; after?: string | null },
): Promise<void> => {
  await beginAssignmentRun(tx, { orgId, integrationId }, after, at)
  await jobs.enqueue(tx, assignRemaining, { orgId, integrationId })
}

/** Notes whether a portal's contacts are given without anybody asking from now on, and begins with those that were there before. */
export const turnAssigningOf = async (
  tx: Transaction,
  jobs: Pick<Jobs, 'enqueue'>,
  { was, portal, at }: { was: boolean; portal: IntegrationRow; at: Date },
): Promise<void> => {
  const is = assigns(portal)
  if (is === was) return
  const { org_id: orgId, id: integrationId } = portal
  await noteSince(tx, orgId, integrationId, 'assigns_since', is ? at : null)
  if (is) await beginAssigning(tx, jobs, { orgId, integrationId, at })
}

/**
 * The same for all portals, by what was noted last: also where it follows from something else than the setting, such as that the hub
 * may write there again. Told again it does nothing.
 */
export const turnAssigning =
  ({ jobs, clock }: { jobs: Pick<Jobs, 'enqueue'>; clock: { now(): Date } }) =>
  async (raw: object, orgId: string): Promise<void> => {
    const tx = asTransaction(raw)
    const at = clock.now()
    for (const portal of await integrationsOf(tx, orgId))
      await turnAssigningOf(tx, jobs, { was: portal.assigns_since !== null, portal, at })
  }
