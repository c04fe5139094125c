import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { fillMail, type MailWords, mailFault, SAMPLE } from '../domain/welcome-mail.ts'
import { customersById } from '../store/customers.ts'
import {
  lockBeginnings,
  type OnboardingSettings,
  onboardingSettings,
  saveOnboardingSettings,
} from '../store/onboarding-settings.ts'
import { accountServing } from '../store/standing-accounts.ts'

/** Changes how customers are onboarded. Setting what is set already changes nothing. */
export const setOnboarding = (
  ctx: Context,
  action: 'setAutoOnboarding' | 'setWelcomeMail',
  expectedVersion: number,
  change: Partial<Omit<OnboardingSettings, 'version'>>,
): Promise<{ settings: OnboardingSettings; receipt: Receipt } | Refusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    await lockBeginnings(tx, orgId)
    const held = await onboardingSettings(tx, orgId)
    if (held.version !== expectedVersion) return stale('How customers are onboarded', held.version)
    const wanted = { ...held, ...change }
    const fault = mailFault(wanted)
    if (fault) return invalid(fault.field, fault.message)
    const names = ['startsByItself', 'sendsMail', 'subject', 'body'] as const
    if (names.every((name) => held[name] === wanted[name]))
      return { settings: held, receipt: await receiptOf(tx) }
    const settings = { ...wanted, version: held.version + 1 }
    const at = clock.now()
    await saveOnboardingSettings(tx, orgId, settings, principal.id, at)
    const { subject: mailSubject, body: mailBody, version: _, ...rest } = settings
    const { subject: wasSubject, body: wasBody, version: __, ...was } = held
    await audit(tx, {
      ...{ orgId, principal, action, at },
      subject: { type: 'OnboardingSettings', id: orgId },
      before: { ...was, mailSubject: wasSubject, mailBody: wasBody },
      after: { ...rest, mailSubject, mailBody },
    })
    return { settings, receipt: await receiptOf(tx) }
  })

/** How the welcome mail would read for a customer, or for one that is made up. */
export const previewMail = (
  ctx: Context,
  ask: { subject: string | null; body: string | null; customerId: string | null },
): Promise<MailWords | Refusal> =>
  ctx.db.read(ctx.orgId, async (tx) => {
    const { orgId } = ctx
    const held = await onboardingSettings(tx, orgId)
    const words = { subject: ask.subject ?? held.subject, body: ask.body ?? held.body }
    const fault = mailFault(words)
    if (fault) return invalid(fault.field, fault.message)
    if (!ask.customerId) return fillMail(words, SAMPLE)
    const customer = isId(ask.customerId)
      ? (await customersById(tx, orgId, [ask.customerId])).get(ask.customerId)
      : undefined
    if (!customer) return missing('The customer')
    const billingAccount = (await accountServing(tx, orgId, customer.id))?.ban ?? null
    return fillMail(words, { ...SAMPLE, customer: customer.name, billingAccount })
  })
