import { BadInput } from '#kernel/errors.ts'

/**
 * Where the renewal of a contract stands. Deals say it by the stage they are in: each portal may name for each of its stages what it
 * means, and what nobody has named follows from the stage's own words.
 */
export const RENEWAL_STAGES = [
  'UPCOMING',
  'IN_NEGOTIATION',
  'AT_RISK',
  'RENEWED',
  'LOST',
  'NOT_A_RENEWAL',
] as const
export type RenewalStage = (typeof RENEWAL_STAGES)[number]

interface StageWords {
  label: string
  pipelineLabel: string
  isOpen: boolean
  isWon: boolean | null
  /** 0 to 1, as text; null when the pipeline does not say. */
  probability: string | null
}

const RENEWING = /\brenew|\bverlänger|\bretention\b/i
const AT_RISK = /\brisk|\bstall|\bblocked\b|\bescalat|\bon hold\b|\bchurn|\bcancel/i
const NEGOTIATING =
  /\bnegotiat|\bcontract|\bquote|\bproposal|\bcommit|\blegal\b|\bdecision|\bapprov|\bverbal/i
/** From here on both sides are talking of terms. */
const NEGOTIATING_FROM = 0.6

/** What a stage says of a renewal by itself. A stage that is not about renewals says it all the same, for deals that are. */
export const renewalStageOf = (stage: StageWords): RenewalStage => {
  if (!stage.isOpen) return stage.isWon ? 'RENEWED' : 'LOST'
  if (AT_RISK.test(stage.label)) return 'AT_RISK'
  const isLikely = stage.probability !== null && Number(stage.probability) >= NEGOTIATING_FROM
  return NEGOTIATING.test(stage.label) || isLikely ? 'IN_NEGOTIATION' : 'UPCOMING'
}

/** Whether every deal of a stage is a renewal: its pipeline or it speaks of nothing else. */
export const isAboutRenewals = ({
  label,
  pipelineLabel,
}: Pick<StageWords, 'label' | 'pipelineLabel'>): boolean =>
  RENEWING.test(pipelineLabel) || RENEWING.test(label)

/** Types of deals, in HubSpot's words, that are renewals whatever their pipeline. */
export const RENEWING_DEALS = ['existingbusiness', 'renewal'] as const

/** What a stage says of the renewal that a deal in it may be. */
export interface StageRenewal {
  /** What somebody has decided; null while nobody has. */
  decided: RenewalStage | null
  /** What it says itself; null when its words were not looked at. */
  suggested: RenewalStage | null
  /** Whether everything in it is a renewal. */
  renews: boolean
}

/** Where the renewal stands that a deal is. As RENEWAL_STAGE in store/child-shapes.ts, for deals that are told one by one. */
export const dealRenewal = (
  stage: StageRenewal | undefined,
  { dealType, isOpen, isWon }: { dealType: string | null; isOpen: boolean; isWon: boolean | null },
): RenewalStage => {
  if (stage?.decided) return stage.decided
  const renews = stage?.renews || RENEWING_DEALS.some((type) => type === dealType?.toLowerCase())
  if (!renews) return 'NOT_A_RENEWAL'
  return stage?.suggested ?? (isOpen ? 'UPCOMING' : isWon ? 'RENEWED' : 'LOST')
}

const DAY_MS = 86_400_000
/** How far a window reaches when nobody says. */
const DEFAULT_DAYS = 90

/**
 * The time from which and the time before which renewals of a window are due. Days are counted in UTC.
 * @throws BAD_INPUT when a day is none, or the last is before the first
 */
export const renewalDays = (
  { from, to }: { from?: string | null; to?: string | null },
  now: Date,
): { from: Date; before: Date } => {
  const today = new Date(now.getTime() - (now.getTime() % DAY_MS))
  const first = from ? dayAt('from', from) : today
  const last = to ? dayAt('to', to) : new Date(first.getTime() + DEFAULT_DAYS * DAY_MS)
  if (last < first) throw BadInput.with({ field: 'window', reason: 'ends before it begins' })
  return { from: first, before: new Date(last.getTime() + DAY_MS) }
}

const dayAt = (name: string, text: string): Date => {
  const at = new Date(`${text}T00:00:00.000Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text))
    throw BadInput.with({ field: name, reason: 'is no day, as in 2026-03-01' })
  return at
}
