import { allOrNone, type Reader, text, url } from '#kernel/config.ts'

/** Whom mails are from: an address, or a name with an address in angle brackets. */
const sender: Reader<string> = (env, faults) => {
  const from = text('MAIL_FROM')(env, faults)
  if (from !== undefined && !/^([^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/.test(from))
    faults.push({
      variable: 'MAIL_FROM',
      problem: 'is no address',
      fix: 'Write it as hello@example.com or Example <hello@example.com>',
    })
  return from
}

/** The mail server, and whom mails are from; undefined: no mails are sent. */
export const mail = allOrNone({ url: url('SMTP_URL', undefined, ['smtp:', 'smtps:']), from: sender })
