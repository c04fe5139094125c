import type {
  MutationResolvers,
  OnboardingResolvers,
  OnboardingStepResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import type { Receipt } from '#service/receipt.ts'
import { invalid, isRefusal, type Refusal } from '#service/refusal.ts'
import { cancelOnboarding, retryStep, startOnboarding } from '../commands/change-onboarding.ts'
import { previewMail, setOnboarding } from '../commands/set-onboarding.ts'
import type { Context } from '../context.ts'
import { STOP_WORDS, wordsOf } from '../domain/onboarding-words.ts'
import { PLACEHOLDERS } from '../domain/welcome-mail.ts'
import { type OnboardingSettings, onboardingSettings } from '../store/onboarding-settings.ts'
import { listOnboardings } from '../store/onboardings.ts'

export const Onboarding: OnboardingResolvers = {
  customer: (row, _, ctx) => (row.customer_id ? ctx.customers.load(row.customer_id) : null),
  deal: (row, _, ctx) => (row.deal_id ? ctx.records.deals.byId.load(row.deal_id) : null),
  stoppedBecause: (row) => row.stopped_because && STOP_WORDS[row.stopped_because],
  steps: async (row, _, ctx) => (await ctx.onboardingSteps.load(row.id)) ?? [],
  startedAt: (row) => row.started_at,
  updatedAt: (row) => row.updated_at,
  endedAt: (row) => row.ended_at,
}

export const OnboardingStep: OnboardingStepResolvers = {
  message: ({ code }) => wordsOf(code)?.message ?? null,
  fix: ({ code }) => wordsOf(code)?.fix ?? null,
  changedAt: (step) => step.changed_at,
}

const shown = ({ subject, body, ...settings }: OnboardingSettings, { hasMailServer }: Context) => ({
  ...settings,
  hasMailServer,
  mailSubject: subject,
  mailBody: body,
  placeholders: PLACEHOLDERS.map((name) => `{{${name}}}`),
})

const changed = async (
  ctx: Context,
  answer: { id: string; receipt: Receipt } | Exclude<Refusal, { __typename: 'Stale' }> | Refusal,
) => {
  if (isRefusal(answer)) return answer.__typename === 'Stale' ? invalid(null, answer.message) : answer
  const onboarding = await ctx.onboardings.load(answer.id)
  if (!onboarding) throw new Error(`onboarding ${answer.id} has vanished`)
  return { __typename: 'OnboardingChanged' as const, onboarding, receipt: answer.receipt }
}

const saved = (ctx: Context, answer: { settings: OnboardingSettings; receipt: Receipt } | Refusal) => {
  if (isRefusal(answer)) return answer.__typename === 'Missing' ? invalid(null, answer.message) : answer
  const { settings, receipt } = answer
  return { __typename: 'OnboardingSettingsSaved' as const, settings: shown(settings, ctx), receipt }
}

/** What can be asked about onboarding customers. */
export const onboardingQueries = {
  onboarding: async (_, { customerId }, ctx) => {
    const customer = await ctx.customers.load(customerId)
    return customer ? await ctx.onboardingOfCustomer.load(customer.id) : null
  },
  onboardings: async (_, { states, ...args }, ctx) => {
    const page = keyset(args, 2)
    const ask = { states: states ?? null, limit: page.limit, after: page.after }
    const rows = await ctx.db.read(ctx.orgId, (tx) => listOnboardings(tx, ctx.orgId, ask))
    return connection(rows, page, (row) => [row.started_at.toISOString(), row.id])
  },
  onboardingSettings: async (_, __, ctx) =>
    shown(await ctx.db.read(ctx.orgId, (tx) => onboardingSettings(tx, ctx.orgId)), ctx),
  previewWelcomeMail: async (_, { subject, body, customerId }, ctx) => {
    const ask = { subject: subject ?? null, body: body ?? null, customerId: customerId ?? null }
    const answer = await previewMail(ctx, ask)
    if (!isRefusal(answer)) return { __typename: 'WelcomeMailPreview', ...answer }
    return answer.__typename === 'Stale' ? invalid(null, answer.message) : answer
  },
} satisfies QueryResolvers

/** Starting, moving and ending onboardings, and deciding how they go. */
export const onboardingMutations = {
  startOnboarding: async (_, { customerId, integrationId }, ctx) =>
    changed(ctx, await startOnboarding(ctx, { customerId, integrationId: integrationId ?? null })),
  retryOnboardingStep: async (_, ask, ctx) => changed(ctx, await retryStep(ctx, ask)),
  cancelOnboarding: async (_, { onboardingId }, ctx) =>
    changed(ctx, await cancelOnboarding(ctx, onboardingId)),
  setAutoOnboarding: async (_, { expectedVersion, startsByItself }, ctx) =>
    saved(ctx, await setOnboarding(ctx, 'setAutoOnboarding', expectedVersion, { startsByItself })),
  setWelcomeMail: async (_, { expectedVersion, sendsMail, subject, body }, ctx) => {
    const change = { sendsMail, ...(subject == null ? {} : { subject }), ...(body == null ? {} : { body }) }
    return saved(ctx, await setOnboarding(ctx, 'setWelcomeMail', expectedVersion, change))
  },
} satisfies MutationResolvers
