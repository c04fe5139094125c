import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import type { OutsideProvider, Provider } from '../domain/enrichment.ts'
import { settingsOf } from '../domain/settings.ts'
import { isCustomer } from '../store/customers.ts'
import { type EnrichmentState, turnsOf, want } from '../store/enrichment-queue.ts'
import { heldSettings } from '../store/settings.ts'

export type EnrichmentWantedAnswer = { customerId: string; state: EnrichmentState; receipt: Receipt }

const [LEAST_URGENT, MOST_URGENT] = [1, 10]

/** Has a customer written about soon, whatever was written before. Asked for twice, it is written once while it waits. */
export const enrichCustomer = (
  ctx: Context,
  {
    customerId,
    priority,
    providers,
  }: { customerId: string; priority: number; providers?: readonly Provider[] | null | undefined },
): Promise<EnrichmentWantedAnswer | MissingRefusal | InvalidRefusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    if (priority < LEAST_URGENT || priority > MOST_URGENT)
      return invalid('priority', `priority is a whole number from ${LEAST_URGENT} to ${MOST_URGENT}.`)
    if (!(await isCustomer(tx, orgId, customerId))) return missing('The customer')
    const { enrichment } = settingsOf((await heldSettings(tx, orgId)).document)
    const outside = providers?.filter((name): name is OutsideProvider => name !== 'RULES')
    const unused = outside?.find((name) => !enrichment.providers.includes(name))
    if (unused)
      return invalid(
        'providers',
        `Your settings do not let ${unused} be asked. Add it to enrichment.providers there.`,
      )
    const at = clock.now()
    await want(tx, orgId, [{ customerId, priority, isAsked: true, providers: outside ?? null }], at)
    const state = (await turnsOf(tx, orgId, [customerId])).get(customerId)!
    await audit(tx, {
      ...{ orgId, principal, at, action: 'enrichCustomer' },
      ...{ subject: { type: 'Customer', id: customerId }, after: { priority, providers: outside ?? null } },
    })
    return { customerId, state, receipt: await receiptOf(tx) }
  })
