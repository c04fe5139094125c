/**
 * onboarding  how a customer comes to be one: a row of steps, begun by a deal that was won or by hand
 * step        one thing that has to be so; it is judged by what is known, and done only where it is not so yet
 * verdict     where a step comes to stand, or the deed that brings it there
 */
import type { OnboardingCode } from './onboarding-words.ts'

/** Whose move leads where. What has ended as completed ends again after a step of it was tried again. */
const ONBOARDING_MOVES = {
  RUNNING: ['COMPLETED', 'STOPPED', 'CANCELLED'],
  COMPLETED: ['RUNNING'],
  STOPPED: ['RUNNING', 'CANCELLED'],
  CANCELLED: ['RUNNING'],
} as const
export type OnboardingState = keyof typeof ONBOARDING_MOVES

/** The same of its steps: what waits, failed or was left out may be tried again, what is done stays done. */
const STEP_MOVES = {
  PENDING: ['WAITING', 'DONE', 'SKIPPED', 'FAILED'],
  WAITING: ['PENDING', 'DONE', 'SKIPPED', 'FAILED'],
  FAILED: ['PENDING'],
  SKIPPED: ['PENDING'],
  DONE: [],
} as const
export type StepState = keyof typeof STEP_MOVES

export const mayMove = (from: OnboardingState, to: OnboardingState): boolean =>
  (ONBOARDING_MOVES[from] as readonly string[]).includes(to)
export const mayRetry = (state: StepState): boolean =>
  (STEP_MOVES[state] as readonly string[]).includes('PENDING')

/** In their order; each begins when those it needs are over. A mail that cannot be sent keeps nobody waiting. */
export const STEPS = {
  COMPANY: { needs: [], mayFail: false },
  BILLING_ACCOUNT: { needs: ['COMPANY'], mayFail: false },
  ACCOUNT_IN_HUBSPOT: { needs: ['BILLING_ACCOUNT'], mayFail: false },
  CUSTOMER: { needs: ['BILLING_ACCOUNT'], mayFail: false },
  WELCOME_MAIL: { needs: ['ACCOUNT_IN_HUBSPOT', 'CUSTOMER'], mayFail: true },
  FIRST_TRUNK: { needs: ['ACCOUNT_IN_HUBSPOT', 'CUSTOMER'], mayFail: false },
  TIMELINE: { needs: ['WELCOME_MAIL', 'FIRST_TRUNK'], mayFail: false },
} as const satisfies Record<string, { needs: readonly string[]; mayFail: boolean }>
export type StepName = keyof typeof STEPS
export const STEP_NAMES = Object.keys(STEPS) as StepName[]

export interface Step {
  step: StepName
  state: StepState
  code: OnboardingCode | null
}

/** What is known of an onboarding, as far as its steps are judged by it. */
export interface Facts {
  /** Null when it was not begun by a deal. */
  deal: { isWon: boolean; isGone: boolean } | null
  customer: { id: string; name: string; domain: string | null } | null
  /** Null when there is no connection to write to. */
  portal: { goesOut: boolean; isProvisioned: boolean; hasTimeline?: boolean } | null
  /** The customer's company in that portal. */
  company: { id: string; externalId: string } | null
  /** How many companies there speak for the customer's domain. */
  namesakes: number
  account: { ban: string; status: string | null; tier: string | null; trunkId: string | null } | null
  mailIsOn: boolean
  hasMailServer: boolean
  recipientId: string | null
  mail: { state: 'QUEUED' | 'SENT' | 'WITHHELD' | 'FAILED'; code: OnboardingCode | null } | null
}

export type Deed = 'MAKE_COMPANY' | 'WRITE_ACCOUNT' | 'QUEUE_MAIL' | 'WRITE_NOTE'
export type Settled = { state: StepState; code: OnboardingCode | null }
export type Verdict = Settled | { deed: Deed }

const DONE: Settled = { state: 'DONE', code: null }
const waits = (code: OnboardingCode): Settled => ({ state: 'WAITING', code })
const skips = (code: OnboardingCode): Settled => ({ state: 'SKIPPED', code })
const fails = (code: OnboardingCode): Settled => ({ state: 'FAILED', code })

const JUDGES: Record<StepName, (facts: Facts, step: Step) => Verdict> = {
  COMPANY: ({ customer, company, portal, namesakes }) => {
    if (!customer) return waits('COMPANY_OF_DEAL')
    if (company) return DONE
    if (!portal) return skips('NO_PORTAL')
    if (!portal.goesOut) return skips('NOT_WRITTEN_TO')
    // Without a domain, or where several have it, only people know which company it is.
    if (customer.domain === null || namesakes > 0) return waits('COMPANY_LINK')
    return portal.isProvisioned ? { deed: 'MAKE_COMPANY' } : fails('NOT_PROVISIONED')
  },
  BILLING_ACCOUNT: ({ account }) => (account ? DONE : waits('BILLING_ACCOUNT')),
  ACCOUNT_IN_HUBSPOT: ({ company, portal }) => {
    if (!company || !portal) return skips('NO_PORTAL')
    return portal.goesOut ? { deed: 'WRITE_ACCOUNT' } : skips('NOT_WRITTEN_TO')
  },
  CUSTOMER: ({ customer }) => (customer ? DONE : waits('COMPANY_OF_DEAL')),
  WELCOME_MAIL: ({ mail, mailIsOn, hasMailServer, recipientId }, { state }) => {
    if (mail?.state === 'SENT') return DONE
    if (mail?.state === 'QUEUED') return waits('MAIL_SENT')
    if (mail?.state === 'WITHHELD') return skips(mail.code ?? 'PERSON_GONE')
    if (mail?.state === 'FAILED') return fails(mail.code ?? 'MAIL_NOT_TAKEN')
    // It waited for a mail that is no longer there: whom it was for has been erased.
    if (state === 'WAITING') return skips('PERSON_GONE')
    if (!mailIsOn) return skips('MAIL_OFF')
    if (!hasMailServer) return skips('NO_MAIL_SERVER')
    return recipientId ? { deed: 'QUEUE_MAIL' } : fails('NO_RECIPIENT')
  },
  // A reason of its own: once the account is resumed the trunk is waited for, and asked for, anew.
  FIRST_TRUNK: ({ account }) =>
    account?.trunkId ? DONE : waits(account?.status === 'SUSPENDED' ? 'ACCOUNT_SUSPENDED' : 'FIRST_TRUNK'),
  TIMELINE: ({ company, portal }) => {
    if (!company || !portal) return skips('NO_PORTAL')
    if (!portal.goesOut) return skips('NOT_WRITTEN_TO')
    // A note needs a place for the hub's key; the timeline does not.
    return portal.isProvisioned || portal.hasTimeline ? { deed: 'WRITE_NOTE' } : fails('NOT_PROVISIONED')
  },
}

/** Why an onboarding does not go on at all; null when it does. */
export const stopOf = ({ deal }: Pick<Facts, 'deal'>): 'DEAL_REOPENED' | 'DEAL_DELETED' | null => {
  if (!deal) return null
  if (deal.isGone) return 'DEAL_DELETED'
  return deal.isWon ? null : 'DEAL_REOPENED'
}

const isOver = (name: StepName, { state }: Pick<Step, 'state'>): boolean =>
  state === 'DONE' || state === 'SKIPPED' || (state === 'FAILED' && STEPS[name].mayFail)

const PROVIDED = ['BILLING_ACCOUNT', 'FIRST_TRUNK'] as const

/** What others are asked to provide when a step comes to stand so; undefined when it waits for nothing of theirs. */
export const askedOfOthers = (
  step: StepName,
  { state, code }: Settled,
): (typeof PROVIDED)[number] | undefined =>
  state === 'WAITING' ? PROVIDED.find((each) => each === step && each === code) : undefined

/** Whether all steps are over. */
export const isThrough = (steps: readonly Step[]): boolean => steps.every((step) => isOver(step.step, step))

/** The first step that moves by what is known, with where to; undefined when all that is left waits. */
export const nextMove = (
  steps: readonly Step[],
  facts: Facts,
): { step: StepName; verdict: Verdict } | undefined => {
  const byName = new Map(steps.map((step) => [step.step, step]))
  for (const name of STEP_NAMES) {
    const step = byName.get(name) ?? { step: name, state: 'PENDING', code: null }
    if (step.state !== 'PENDING' && step.state !== 'WAITING') continue
    const mayBegin = STEPS[name].needs.every((need) => isOver(need, byName.get(need) ?? { state: 'PENDING' }))
    if (!mayBegin) continue
    const verdict = JUDGES[name](facts, step)
    if ('deed' in verdict || verdict.state !== step.state || verdict.code !== step.code)
      return { step: name, verdict }
  }
  return undefined
}

/** What HubSpot's company is to say of the account. What is not known is left as it is. */
export const accountFields = ({
  ban,
  status,
  tier,
}: NonNullable<Facts['account']>): Record<string, string> => ({
  warp_ban: ban,
  ...(status ? { warp_status: status.toLowerCase() } : {}),
  ...(tier ? { warp_service_tier: tier.toLowerCase() } : {}),
})
