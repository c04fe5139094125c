import { sql } from 'kysely'
import { DEFAULT_MAIL } from '../domain/welcome-mail.ts'
import type { Transaction } from './transaction.ts'

/** How an organisation's customers are onboarded. */
export interface OnboardingSettings {
  version: number
  startsByItself: boolean
  sendsMail: boolean
  subject: string
  body: string
}

/** What holds while nobody has decided anything: won deals begin it, and nobody is written to. */
const FIRST: OnboardingSettings = { version: 1, startsByItself: true, sendsMail: false, ...DEFAULT_MAIL }

/** The settings that hold now. */
export const onboardingSettings = async (tx: Transaction, orgId: string): Promise<OnboardingSettings> => {
  const { rows } = await sql<OnboardingSettings>`
    select version, starts_by_itself as "startsByItself", sends_mail as "sendsMail", mail_subject as subject, mail_body as body
    from customers.onboarding_settings where org_id = ${orgId}::uuid`.execute(tx)
  return rows[0] ?? FIRST
}

/**
 * Keeps others from beginning onboardings, from looking for those that wait, and from changing the settings, until the transaction ends. Who
 * brings news and who begins meet here: otherwise the one might find nothing that waits yet, and the other no news yet.
 */
export const lockBeginnings = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('customers.onboarding ' || ${orgId}, 0))`.execute(
    tx,
  )
}

/** Writes the settings. */
export const saveOnboardingSettings = async (
  tx: Transaction,
  orgId: string,
  settings: OnboardingSettings,
  by: string,
  at: Date,
): Promise<void> => {
  const { version, startsByItself, sendsMail, subject, body } = settings
  await sql`
    insert into customers.onboarding_settings (org_id, version, starts_by_itself, sends_mail, mail_subject, mail_body, saved_by, saved_at)
    values (${orgId}::uuid, ${version}, ${startsByItself}, ${sendsMail}, ${subject}, ${body}, ${by}, ${at}::timestamptz)
    on conflict (org_id) do update set version = excluded.version, starts_by_itself = excluded.starts_by_itself,
      sends_mail = excluded.sends_mail, mail_subject = excluded.mail_subject, mail_body = excluded.mail_body,
      saved_by = excluded.saved_by, saved_at = excluded.saved_at`.execute(tx)
}
