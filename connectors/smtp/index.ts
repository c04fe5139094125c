/** Mails by SMTP, over nodemailer. */
import { createTransport } from 'nodemailer'
import { define } from '#kernel/errors.ts'
import { withoutSecrets } from '#kernel/mask.ts'

export const MailServerAway = define('HUB_MAIL_SERVER_AWAY', {
  status: 503,
  retry: 'later',
  says: 'The mail server does not take mails at the moment. The mail is kept and sent again.',
})
export const MailRefused = define('HUB_MAIL_REFUSED', {
  status: 502,
  retry: 'never',
  says: 'The mail server refuses the mail. Check the address, MAIL_FROM and the mail server.',
})

/** How mails leave. */
export interface MailOptions {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  url: string
  /** Whom they are from, as `name@domain` or `Name <name@domain>`. */
  from: string
}

/** A mail to one person, as plain text. */
export interface Mail {
  /** Names the mail: sent again under the same name, it can be known as the same. */
  id: string
  to: string
  subject: string
  text: string
}

export interface Mailer {
  /** @throws MailServerAway where it may be taken later; MailRefused where it will not */
  send(mail: Mail): Promise<void>
}

const DEADLINE_MS = 20_000

/** Opens a way to a mail server. Nothing is connected before a mail is sent. */
export const openMailer = ({ url, from }: MailOptions): Mailer => {
  const domain = /@([^\s@>]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'
  const timeouts = {
    connectionTimeout: DEADLINE_MS,
    greetingTimeout: DEADLINE_MS,
    socketTimeout: DEADLINE_MS,
  }
  const transport = createTransport({ url, ...timeouts, disableFileAccess: true, disableUrlAccess: true })
  return {
    send: async ({ id, to, subject, text }) => {
      try {
        await transport.sendMail({
          // Whoever writes the words of a mail, and whatever they are filled with: no cards, keys and tokens leave.
          ...{ from, subject: withoutSecrets(subject), text: withoutSecrets(text) },
          ...{ messageId: `<${id}@${domain}>` },
          // As an object, so that an address with a comma is not two.
          to: { name: '', address: to },
          headers: { 'auto-submitted': 'auto-generated' },
        })
      } catch (error) {
        // Without what the server said: servers repeat the address.
        throw (isFinal(error) ? MailRefused : MailServerAway).with()
      }
    },
  }
}

/** What the server said to this sender, person or mail and will say again; not that it knows us not, or is busy. */
const isFinal = (error: unknown): boolean => {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number }
  return (
    (code === 'EENVELOPE' || code === 'EMESSAGE') &&
    responseCode >= 500 &&
    responseCode < 600 &&
    responseCode !== 503
  )
}
