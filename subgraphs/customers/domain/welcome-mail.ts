/** The words of the mail that welcomes a customer, and what may stand in them. */
export interface MailWords {
  subject: string
  body: string
}

/** What stands for the placeholders. */
export interface MailFacts {
  customer: string
  firstName: string | null
  billingAccount: string | null
}

export const PLACEHOLDERS = ['customer', 'firstName', 'billingAccount'] as const
const LONGEST = { subject: 200, body: 20_000 }

export const DEFAULT_MAIL: MailWords = {
  subject: 'Welcome, {{customer}}',
  body: [
    'Hello {{firstName}},',
    '',
    'your billing account {{billingAccount}} is open. We set up your first trunk next and tell you when it is ready.',
    '',
    'Answer this mail if you have a question.',
  ].join('\n'),
}

/** Whom and what a preview shows where no customer is named. */
export const SAMPLE: MailFacts = { customer: 'Example Inc.', firstName: null, billingAccount: 'BAN-000000' }

const HOLE = /\{\{\s*(\w+)\s*\}\}/g

/** What is wrong with the words of a mail, and in which part; null when they can be sent. */
export const mailFault = (words: MailWords): { field: 'subject' | 'body'; message: string } | null => {
  for (const field of ['subject', 'body'] as const) {
    const text = words[field]
    if (text.trim() === '') return { field, message: 'It is empty.' }
    if (text.length > LONGEST[field]) return { field, message: `It has more than ${LONGEST[field]} letters.` }
    const unknown = [...text.matchAll(HOLE)].find(
      ([, name]) => !(PLACEHOLDERS as readonly string[]).includes(name ?? ''),
    )
    if (unknown)
      return {
        field,
        message: `There is no placeholder ${unknown[0]}: use ${PLACEHOLDERS.map((name) => `{{${name}}}`).join(', ')}.`,
      }
  }
  // A line break would begin another header.
  if (/[\r\n]/.test(words.subject)) return { field: 'subject', message: 'It is one line.' }
  return null
}

/** The words for one customer. What a placeholder stands for is never looked at for placeholders again. */
export const fillMail = (words: MailWords, facts: MailFacts): MailWords => {
  const said: Record<string, string> = {
    customer: facts.customer,
    firstName: facts.firstName ?? 'there',
    billingAccount: facts.billingAccount ?? '',
  }
  const fill = (text: string) => text.replace(HOLE, (_, name: string) => said[name] ?? '')
  return { subject: fill(words.subject).replace(/\s+/g, ' ').trim(), body: fill(words.body) }
}
