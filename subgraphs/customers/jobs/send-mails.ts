import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Vault } from '#kernel/vault.ts'
import { type Jobs, task } from '#service/jobs.ts'
import { prepareMail, settle } from '../commands/prepare-mail.ts'
import type { Rows } from '../store/transaction.ts'
import { sendMail } from './definitions.ts'

/** Takes mails to a mail server. */
interface Mailer {
  send(mail: { id: string; to: string; subject: string; text: string }): Promise<void>
}

/** With the waits between them, some three hours: then somebody has to look. */
const MOST_TRIES = 45

/**
 * Sends a mail of the outbox. Safe to repeat: one that was sent is not sent again, and where the answer of the mail server was lost, the same
 * mail goes out under the same name, by which it is known as the same.
 */
export const sendMails = (mailer: Mailer | null, vault: Vault) =>
  task<{ orgId: string; mailId: string }, { database: Rows; clock: Clock; jobs: Jobs }>(
    sendMail,
    async ({ orgId, mailId }, { database, clock, jobs }) => {
      const act = { orgId, clock, vault, jobs, hasMailServer: mailer !== null }
      const ready = await database.transaction(orgId, (tx) => prepareMail(tx, act, mailId))
      if (!ready || !mailer) return
      const { onboardingId, attempts, ...mail } = ready
      const end = (settled: Parameters<typeof settle>[4]) =>
        database.transaction(orgId, (tx) => settle(tx, act, mailId, onboardingId, settled))
      try {
        await mailer.send({ id: `welcome.${mailId}`, ...mail })
      } catch (error) {
        if (isHubError(error) && error.retry === 'never')
          return await end({ state: 'FAILED', code: 'MAIL_REFUSED' })
        if (attempts >= MOST_TRIES) return await end({ state: 'FAILED', code: 'MAIL_NOT_TAKEN' })
        throw error
      }
      await end({ state: 'SENT', code: null })
    },
  )
