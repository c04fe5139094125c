import type { Clock } from '#kernel/clock.ts'
import type { Vault } from '#kernel/vault.ts'
import type { Jobs } from '#service/jobs.ts'
import { textThatMayLeave } from '../domain/may-leave.ts'
import type { OnboardingCode } from '../domain/onboarding-words.ts'
import { normalEmail, suppressionHash } from '../domain/person.ts'
import { fillMail } from '../domain/welcome-mail.ts'
import { advanceOnboarding } from '../jobs/definitions.ts'
import { customersById } from '../store/customers.ts'
import { leavingRules } from '../store/emergency-addresses.ts'
import { type DueMail, settleMail, takeMail } from '../store/mail-outbox.ts'
import { lockBeginnings, onboardingSettings } from '../store/onboarding-settings.ts'
import { accountServing } from '../store/standing-accounts.ts'
import { suppressedAmong, suppressionKey } from '../store/suppressions.ts'
import type { Transaction } from '../store/transaction.ts'

/** A mail as it leaves. */
export interface ReadyMail {
  onboardingId: string
  attempts: number
  to: string
  subject: string
  text: string
}

interface Act {
  orgId: string
  clock: Clock
  vault: Vault
  jobs: Pick<Jobs, 'enqueue'>
  hasMailServer: boolean
}

/**
 * Takes a mail of the outbox and writes what it says, by what is known at this moment. Null when it is not to be sent: it was before, its person
 * is gone or must not be written to, or its onboarding has ended; then that is noted.
 */
export const prepareMail = async (tx: Transaction, act: Act, mailId: string): Promise<ReadyMail | null> => {
  const { orgId, clock, vault } = act
  const due = await takeMail(tx, orgId, mailId, clock.now())
  if (!due) return null
  const email = normalEmail(due.email)
  const withheld = await whyNot(tx, act, due, email)
  if (withheld || email === null) {
    await settle(tx, act, mailId, due.onboardingId, { state: 'WITHHELD', code: withheld ?? 'PERSON_GONE' })
    return null
  }
  const { customerId, firstName, onboardingId, attempts, sendsAddresses } = due
  const customer = customerId ? (await customersById(tx, orgId, [customerId])).get(customerId) : undefined
  const billingAccount = customer ? ((await accountServing(tx, orgId, customer.id))?.ban ?? null) : null
  const words = await onboardingSettings(tx, orgId)
  const { subject, body } = fillMail(words, { customer: customer?.name ?? '', firstName, billingAccount })
  const rules = await leavingRules(tx, { orgId, vault, sendsAddresses }, [subject, body])
  const [title, text] = [textThatMayLeave(subject, rules), textThatMayLeave(body, rules)]
  return { onboardingId, attempts, to: email, subject: title, text }
}

const whyNot = async (
  tx: Transaction,
  { orgId, vault, clock, hasMailServer }: Act,
  due: DueMail,
  email: string | null,
): Promise<OnboardingCode | null> => {
  if (!hasMailServer) return 'NO_MAIL_SERVER'
  if (due.onboardingState !== 'RUNNING' && due.onboardingState !== 'COMPLETED') return 'ONBOARDING_ENDED'
  if (email === null) return 'PERSON_GONE'
  if (due.optedOut) return 'SUPPRESSED'
  const key = await suppressionKey(tx, orgId, vault, clock.now())
  const hash = suppressionHash(key, { kind: 'email', value: email })
  return (await suppressedAmong(tx, [hash])).size > 0 ? 'SUPPRESSED' : null
}

/** Notes what became of a mail, and has its onboarding looked at again. */
export const settle = async (
  tx: Transaction,
  { orgId, clock, jobs }: Pick<Act, 'orgId' | 'clock' | 'jobs'>,
  mailId: string,
  onboardingId: string,
  settled: { state: 'SENT' | 'WITHHELD' | 'FAILED'; code: OnboardingCode | null },
): Promise<void> => {
  await settleMail(tx, orgId, mailId, settled, clock.now())
  await lockBeginnings(tx, orgId)
  await jobs.enqueue(tx, advanceOnboarding, { orgId, onboardingId })
}
