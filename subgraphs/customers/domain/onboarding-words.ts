/** What onboardings tell people by codes: what a step waits for, why it was left out, what went wrong, and what to do. */
interface Words {
  message: string
  fix: string | null
}

const RETRY = 'then try this step again'

const ONBOARDING_WORDS = {
  COMPANY_OF_DEAL: {
    message: 'It waits for the deal to have a company.',
    fix: 'Give the deal a company in HubSpot.',
  },
  COMPANY_LINK: {
    message: 'It waits for somebody to say which HubSpot company the customer is: no web domain tells.',
    fix: 'Link the company to the customer, or make it in HubSpot first.',
  },
  BILLING_ACCOUNT: {
    message: 'It waits for the customer’s billing account.',
    fix: 'It comes by itself when the account is opened. Link one that is there already.',
  },
  FIRST_TRUNK: {
    message: 'It waits for the first trunk of the billing account.',
    fix: 'It comes by itself when the trunk is made.',
  },
  ACCOUNT_SUSPENDED: {
    message: 'It waits for the billing account to be resumed: nothing is set up while it is suspended.',
    fix: 'It goes on by itself when the account is resumed.',
  },
  MAIL_SENT: { message: 'The mail is on its way.', fix: null },
  NO_PORTAL: {
    message: 'There is no HubSpot company to write to.',
    fix: `Connect HubSpot, ${RETRY}.`,
  },
  NOT_WRITTEN_TO: {
    message: 'The hub does not write to this HubSpot account.',
    fix: `Let the connection go out too, ${RETRY}.`,
  },
  NOT_PROVISIONED: {
    message: 'This HubSpot account lacks properties that the hub writes.',
    fix: `Provision the connection, ${RETRY}.`,
  },
  MAIL_OFF: { message: 'Mails are switched off.', fix: `Switch them on, ${RETRY}.` },
  NO_MAIL_SERVER: {
    message: 'The hub has no mail server.',
    fix: `Ask whoever runs the hub to set SMTP_URL and MAIL_FROM, ${RETRY}.`,
  },
  NO_RECIPIENT: {
    message:
      'Nobody of the deal, or of the company where there is no deal, has an e-mail address and may be written to.',
    fix: `Give the deal a contact with an address in HubSpot, ${RETRY}.`,
  },
  PERSON_GONE: { message: 'Whom it was for is no longer here.', fix: null },
  SUPPRESSED: { message: 'Whom it was for must not be written to.', fix: null },
  ONBOARDING_ENDED: { message: 'The onboarding had ended before the mail was sent.', fix: null },
  MAIL_NOT_TAKEN: {
    message: 'The mail server did not take the mail, however often it was tried.',
    fix: `Look at the mail server, ${RETRY}.`,
  },
  MAIL_REFUSED: {
    message: 'The mail server refuses the mail.',
    fix: `Look at the address, the sender and the mail server, ${RETRY}.`,
  },
} as const satisfies Record<string, Words>
export type OnboardingCode = keyof typeof ONBOARDING_WORDS

export const wordsOf = (code: OnboardingCode | null): Words | null => (code ? ONBOARDING_WORDS[code] : null)

/** Why an onboarding was stopped, for people. */
export const STOP_WORDS = {
  DEAL_REOPENED: 'The deal is no longer won. It goes on when the deal is won again.',
  DEAL_DELETED: 'The deal is no longer there.',
} as const
