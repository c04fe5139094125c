import { sql } from 'kysely'
import type { OnboardingState } from '../domain/onboarding.ts'
import type { OnboardingCode } from '../domain/onboarding-words.ts'
import type { Transaction } from './transaction.ts'

/** Writes down that a mail is to be sent. False when it is there already. */
export const queueMail = async (
  tx: Transaction,
  orgId: string,
  mail: { id: string; contactId: string; onboardingId: string },
  at: Date,
): Promise<boolean> => {
  const { numAffectedRows = 0n } = await sql`
    insert into customers.mail_outbox (org_id, id, contact_id, onboarding_id, state, made_at)
    values (${orgId}::uuid, ${mail.id}::uuid, ${mail.contactId}::uuid, ${mail.onboardingId}::uuid, 'QUEUED', ${at}::timestamptz)
    on conflict do nothing`.execute(tx)
  return numAffectedRows > 0n
}

/** Takes mails of an onboarding that were not sent out of the outbox, so that they may be queued anew. */
export const dropUnsent = async (tx: Transaction, orgId: string, onboardingId: string): Promise<void> => {
  await sql`
    delete from customers.mail_outbox
    where org_id = ${orgId}::uuid and onboarding_id = ${onboardingId}::uuid and state in ('WITHHELD', 'FAILED')`.execute(
    tx,
  )
}

/** A mail that is about to be sent, with all that has to be known for it. */
export interface DueMail {
  id: string
  attempts: number
  onboardingId: string
  onboardingState: OnboardingState
  customerId: string | null
  /** Null when the person is no longer here, or has no address. */
  email: string | null
  firstName: string | null
  /** The person has refused mails. */
  optedOut: boolean
  /** The organisation lets streets go where the onboarding is written. */
  sendsAddresses: boolean
}

/**
 * Takes a mail to send it: counts the attempt. Undefined when it is no longer waiting: sent, withheld, or erased with its person.
 */
export const takeMail = async (
  tx: Transaction,
  orgId: string,
  id: string,
  at: Date,
): Promise<DueMail | undefined> => {
  const { rows } = await sql<DueMail>`
    with taken as (
      update customers.mail_outbox m set attempts = m.attempts + 1, tried_at = ${at}::timestamptz
      where m.org_id = ${orgId}::uuid and m.id = ${id}::uuid and m.state = 'QUEUED' returning m.*)
    select t.id, t.attempts, o.id as "onboardingId", o.state as "onboardingState", o.customer_id as "customerId",
      c.email, c.first_name as "firstName", coalesce(c.properties ->> 'hs_email_optout', 'false') = 'true' as "optedOut",
      coalesce(i.sends_addresses, false) as "sendsAddresses"
    from taken t join customers.onboardings o on o.org_id = t.org_id and o.id = t.onboarding_id
    left join customers.integrations i on i.org_id = o.org_id and i.id = o.integration_id
    left join customers.contacts c on c.org_id = t.org_id and c.id = t.contact_id and c.gone_at is null and c.merged_into is null`.execute(
    tx,
  )
  return rows[0]
}

/** Says what became of a mail. What was said before of one that is settled stays. */
export const settleMail = async (
  tx: Transaction,
  orgId: string,
  id: string,
  settled: { state: 'SENT' | 'WITHHELD' | 'FAILED'; code: OnboardingCode | null },
  at: Date,
): Promise<void> => {
  await sql`
    update customers.mail_outbox set state = ${settled.state}, error_code = ${settled.code}, settled_at = ${at}::timestamptz
    where org_id = ${orgId}::uuid and id = ${id}::uuid and state = 'QUEUED'`.execute(tx)
}
