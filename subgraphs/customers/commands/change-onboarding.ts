import { idFrom, isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { chosen } from '#service/choosing.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { mayMove, mayRetry, type StepName } from '../domain/onboarding.ts'
import { advanceOnboarding } from '../jobs/definitions.ts'
import { customersById } from '../store/customers.ts'
import { integrationsOf } from '../store/integrations.ts'
import { dropUnsent } from '../store/mail-outbox.ts'
import { lockBeginnings } from '../store/onboarding-settings.ts'
import {
  beginOnboardings,
  beginSteps,
  lockOnboarding,
  newestOnboardings,
  type OnboardingRow,
  saveOnboarding,
  saveSteps,
  stepsOf,
} from '../store/onboardings.ts'
import { customerHasLeft } from '../store/standing-accounts.ts'
import type { Transaction } from '../store/transaction.ts'

type Changed = { id: string; receipt: Receipt }

/** Begins an onboarding by hand, or goes on with the customer's newest one that was cancelled. */
export const startOnboarding = (
  ctx: Context,
  ask: { customerId: string; integrationId: string | null },
): Promise<Changed | Refusal> =>
  ctx.write(async (tx) => {
    const { orgId, clock } = ctx
    // A won deal that begins one at this moment is waited for.
    await lockBeginnings(tx, orgId)
    const customer = isId(ask.customerId)
      ? (await customersById(tx, orgId, [ask.customerId])).get(ask.customerId)
      : undefined
    if (!customer) return missing('The customer')
    const portal = chosen(await integrationsOf(tx, orgId), ask.integrationId)
    if (portal === 'ambiguous')
      return invalid('integrationId', 'There are several HubSpot connections: name one.')
    if (ask.integrationId && (!portal || portal.disconnected_at)) return missing('The HubSpot connection')
    const newest = (await newestOnboardings(tx, orgId, [customer.id])).get(customer.id)
    if (newest && !mayMove(newest.state, 'RUNNING')) return invalid('customerId', UNDER_WAY)
    // Whoever has left and comes back is onboarded anew.
    if (newest?.state === 'COMPLETED' && !(await customerHasLeft(tx, orgId, customer.id)))
      return invalid('customerId', 'This customer has been onboarded.')
    if (newest?.state === 'STOPPED')
      return invalid(
        'customerId',
        'It goes on by itself when the deal is won again; cancel it to start anew.',
      )
    const at = clock.now()
    const isOurs = newest && newest.deal_id === null && newest.state !== 'COMPLETED'
    const before = newest?.state === 'COMPLETED' ? [newest.id] : []
    const id = isOurs ? newest.id : idFrom(orgId, 'onboarding by hand', customer.id, ...before)
    const beginning = {
      ...{ id, customerId: customer.id, dealId: null },
      integrationId: portal?.id ?? null,
    }
    const [begun] = await beginOnboardings(tx, orgId, [beginning], at, true)
    if (!begun) return invalid('customerId', UNDER_WAY)
    await beginSteps(tx, orgId, [begun], at)
    return await told(tx, ctx, 'startOnboarding', begun, { before: newest?.state ?? null, after: 'RUNNING' })
  })

const UNDER_WAY = 'This customer is being onboarded already.'

/** Has a step tried again that failed or was left out, or looked at anew that waits. */
export const retryStep = (
  ctx: Context,
  ask: { onboardingId: string; step: StepName },
): Promise<Changed | Refusal> =>
  ctx.write(async (tx) => {
    const { orgId, clock } = ctx
    await lockBeginnings(tx, orgId)
    const held = await lockKnown(tx, orgId, ask.onboardingId)
    if (!held) return missing('The onboarding')
    if (held.state !== 'RUNNING' && held.state !== 'COMPLETED')
      return invalid('onboardingId', 'This onboarding has been ended. Start it again first.')
    const step = (await stepsOf(tx, orgId, [held.id])).get(held.id)?.find((each) => each.step === ask.step)
    if (!step || step.state === 'PENDING') return invalid('step', 'Other steps come first.')
    if (!mayRetry(step.state)) return invalid('step', 'This step is done.')
    const at = clock.now()
    // A mail that is on its way is only looked at: it must not be sent beside itself. Others are asked anew for what else is waited for.
    if (step.state !== 'WAITING' || ask.step !== 'WELCOME_MAIL') {
      if (ask.step === 'WELCOME_MAIL') await dropUnsent(tx, orgId, held.id)
      await saveSteps(tx, orgId, held.id, [{ step: ask.step, state: 'PENDING', code: null }], at)
      await saveOnboarding(tx, orgId, { ...held, state: 'RUNNING' }, at)
    }
    const change = { before: `${ask.step} ${step.state}`, after: `${ask.step} PENDING` }
    return await told(tx, ctx, 'retryOnboardingStep', held.id, change)
  })

/** Ends an onboarding. What was done stays. */
export const cancelOnboarding = (ctx: Context, onboardingId: string): Promise<Changed | Refusal> =>
  ctx.write(async (tx) => {
    const { orgId, clock } = ctx
    const held = await lockKnown(tx, orgId, onboardingId)
    if (!held) return missing('The onboarding')
    if (!mayMove(held.state, 'CANCELLED'))
      return invalid('onboardingId', 'This onboarding has ended already.')
    const cancelled = { ...held, state: 'CANCELLED' as const, stopped_because: null }
    await saveOnboarding(tx, orgId, cancelled, clock.now())
    return await told(tx, ctx, 'cancelOnboarding', held.id, { before: held.state, after: 'CANCELLED' })
  })

const lockKnown = async (tx: Transaction, orgId: string, id: string): Promise<OnboardingRow | undefined> =>
  isId(id) ? await lockOnboarding(tx, orgId, id) : undefined

/** Notes who did it, and has the onboarding moved. */
const told = async (
  tx: Transaction,
  { orgId, principal, clock, jobs }: Context,
  action: string,
  id: string,
  { before, after }: { before: string | null; after: string },
): Promise<Changed> => {
  await audit(tx, {
    ...{ orgId, principal, action, at: clock.now() },
    subject: { type: 'Onboarding', id },
    before: { state: before },
    after: { state: after },
  })
  await jobs.enqueue(tx, advanceOnboarding, { orgId, onboardingId: id })
  return { id, receipt: await receiptOf(tx) }
}
