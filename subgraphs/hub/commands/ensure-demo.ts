import { publish } from '#events/outbox.ts'
import type { Context } from '../context.ts'
import { organisationChanged } from '../domain/telling.ts'
import { insertOrganisation } from '../store/organisations.ts'

/** The organisations of the demo: one full of life, and one empty, to see that nothing leaks into it. */
export const DEMO_ORGANISATIONS = [
  {
    id: '00000000-0000-4000-8000-000000000001',
    slug: 'demo',
    name: 'Tributary Demo',
    timeZone: 'Europe/Berlin',
  },
  {
    id: '00000000-0000-4000-8000-000000000002',
    slug: 'empty',
    name: 'Empty Organisation',
    timeZone: 'Europe/Berlin',
  },
] as const

/** Makes the demo's organisations where they are absent. Safe to repeat. */
export const ensureDemo = async ({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<void> => {
  for (const organisation of DEMO_ORGANISATIONS)
    await db.transaction(organisation.id, async (tx) => {
      const at = clock.now()
      if (await insertOrganisation(tx, organisation, at))
        await publish(tx, organisation.id, [organisationChanged(organisation)], at)
    })
}
