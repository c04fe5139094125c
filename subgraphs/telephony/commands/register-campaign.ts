import { publish } from '#events/outbox.ts'
import { isId, newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import {
  CAMPAIGN_MOVES,
  type CampaignStatus,
  flawInCampaign,
  flawInDecision,
  isRunning,
  type UseCase,
  whyNotSending,
} from '../domain/messaging.ts'
import { MOST_NUMBERS } from '../domain/numbers.ts'
import { campaignChanged } from '../domain/telling-registrations.ts'
import { closedOf, lockAccount } from '../store/accounts.ts'
import {
  campaignsById,
  campaignsOfNumbers,
  numbersOfCampaigns,
  setNumbersOfCampaign,
} from '../store/campaigns.ts'
import {
  hasTcrCampaign,
  insertCampaign,
  lockRegistry,
  type MessagingCampaignRow,
  saveCampaign,
} from '../store/messaging.ts'
import { lockNumbers } from '../store/numbers.ts'
import type { Transaction } from '../store/transaction.ts'
import { standingBrand } from './register-brand.ts'

export type CampaignAnswer =
  | { campaign: MessagingCampaignRow; receipt: Receipt }
  | InvalidRefusal
  | MissingRefusal

/** Notes what a registered brand sends messages for, sent to the registry. */
export const registerCampaign = (
  ctx: Context,
  brandId: string,
  input: { useCase: UseCase; description: string; sampleMessages: string[]; numberIds: readonly string[] },
): Promise<CampaignAnswer> =>
  ctx.write(async (tx) => {
    const flaw = flawInCampaign(input)
    if (flaw) return invalid(`input.${flaw.field}`, `input.${flaw.field} ${flaw.problem}.`)
    const brand = await standingBrand(tx, ctx.orgId, brandId)
    if (!brand) return missing('The brand')
    if ((await closedOf(tx, ctx.orgId, [brand.ban])).has(brand.ban))
      return invalid('brandId', 'Its account has left us: nothing is sent for it any more.', 'ACCOUNT_OVER')
    if (brand.status !== 'REGISTERED')
      return invalid(
        'brandId',
        `The brand is ${brand.status}: only a registered one has campaigns.`,
        'BRAND_NOT_REGISTERED',
      )
    const refused = await refusedNumbers(
      tx,
      ctx.orgId,
      { id: null, ban: brand.ban },
      input.numberIds,
      'input.numberIds',
    )
    if (refused) return refused
    const at = ctx.clock.now()
    const campaign: MessagingCampaignRow = {
      ...{ id: newId(ctx.clock), brandId, ban: brand.ban, useCase: input.useCase },
      ...{ description: input.description.trim(), sampleMessages: input.sampleMessages, status: 'PENDING' },
      ...{ tcrCampaignId: null, reason: null, createdAt: at, updatedAt: at },
    }
    await insertCampaign(tx, ctx.orgId, campaign)
    await setNumbersOfCampaign(tx, ctx.orgId, campaign.id, input.numberIds)
    await note(tx, { ...ctx, action: 'registerCampaign', at }, null, {
      ...campaign,
      numberIds: input.numberIds,
    })
    await publish(tx, ctx.orgId, [campaignChanged(campaign, at)], at)
    return { campaign, receipt: await receiptOf(tx) }
  })

/** Has a campaign send from these numbers and no others. Siblings are not told: what they know of a campaign has no numbers. */
export const setCampaignNumbers = (
  ctx: Context,
  { id, numberIds }: { id: string; numberIds: readonly string[] },
): Promise<CampaignAnswer> =>
  ctx.write(async (tx) => {
    const campaign = await standingCampaign(tx, ctx.orgId, id)
    if (!campaign) return missing('The campaign')
    if (!isRunning(campaign.status))
      return invalid(
        'id',
        `The campaign is ${campaign.status}: nothing is sent for it any more.`,
        'CAMPAIGN_OVER',
      )
    const refused = await refusedNumbers(tx, ctx.orgId, campaign, numberIds, 'numberIds')
    if (refused) return refused
    const before = (await numbersOfCampaigns(tx, ctx.orgId, [id])).map(({ numberId }) => numberId)
    const after = [...numberIds].sort()
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      await setNumbersOfCampaign(tx, ctx.orgId, id, after)
      const around = { ...ctx, action: 'setCampaignNumbers', at: ctx.clock.now() }
      await note(tx, around, { ...campaign, numberIds: before }, { ...campaign, numberIds: after })
    }
    return { campaign, receipt: await receiptOf(tx) }
  })

/** Notes what the registry says about a campaign. One that is over lets its numbers go. Told again, it changes nothing. */
export const decideCampaign = (
  ctx: Context,
  decision: {
    id: string
    decision: 'REGISTERED' | 'REJECTED' | 'EXPIRED'
    tcrCampaignId: string | null
    reason: string | null
  },
): Promise<CampaignAnswer> =>
  ctx.write(async (tx) => {
    const { id, decision: status, tcrCampaignId, reason } = decision
    const flaw = flawInDecision({ status, tcrId: tcrCampaignId, reason }, 'tcrCampaignId')
    if (flaw) return invalid(flaw.field, flaw.problem)
    await lockRegistry(tx, ctx.orgId)
    const before = await standingCampaign(tx, ctx.orgId, id)
    if (!before) return missing('The campaign')
    const at = ctx.clock.now()
    const after: MessagingCampaignRow = {
      ...{ ...before, status, updatedAt: at },
      tcrCampaignId: status === 'REGISTERED' ? tcrCampaignId : before.tcrCampaignId,
      reason: status === 'REJECTED' ? reason : null,
    }
    const isKnown =
      before.status === status &&
      before.tcrCampaignId === after.tcrCampaignId &&
      before.reason === after.reason
    if (isKnown) return { campaign: before, receipt: await receiptOf(tx) }
    const goesTo: readonly CampaignStatus[] = CAMPAIGN_MOVES[before.status]
    if (!goesTo.includes(status))
      return invalid(
        'decision',
        `The campaign is ${before.status}: it does not become ${status}.`,
        'DECIDED_ALREADY',
      )
    if (status === 'REGISTERED' && tcrCampaignId && (await hasTcrCampaign(tx, ctx.orgId, tcrCampaignId)))
      return invalid('tcrCampaignId', 'That is the id of another campaign.', 'TCR_ID_IN_USE')
    await saveCampaign(tx, ctx.orgId, after)
    if (!isRunning(status)) await setNumbersOfCampaign(tx, ctx.orgId, id, [])
    await note(tx, { ...ctx, action: 'decideCampaign', at }, before, after)
    await publish(tx, ctx.orgId, [campaignChanged(after, at)], at)
    return { campaign: after, receipt: await receiptOf(tx) }
  })

/** The campaign that is named, its account held until the transaction ends: nobody else changes it meanwhile. */
const standingCampaign = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<MessagingCampaignRow | undefined> => {
  const [named] = isId(id) ? await campaignsById(tx, orgId, [id]) : []
  if (!named) return undefined
  await lockAccount(tx, orgId, named.ban)
  return (await campaignsById(tx, orgId, [id]))[0]
}

/** Why a campaign cannot have just these numbers; undefined when it can. */
const refusedNumbers = async (
  tx: Transaction,
  orgId: string,
  campaign: { id: string | null; ban: string },
  numberIds: readonly string[],
  field: string,
): Promise<InvalidRefusal | undefined> => {
  if (numberIds.length > MOST_NUMBERS || new Set(numberIds).size < numberIds.length)
    return invalid(field, `${field} must be at most ${MOST_NUMBERS}, each named once.`)
  const held = await lockNumbers(tx, orgId, numberIds.filter(isId))
  const byId = new Map(held.map((number) => [number.id, number]))
  for (const [place, id] of numberIds.entries()) {
    const why = whyNotSending(byId.get(id), campaign.ban)
    if (why) return invalid(`${field}.${place}`, `${field}.${place} ${why}.`, 'NUMBER_CANNOT_SEND')
  }
  const others = (await campaignsOfNumbers(tx, orgId, numberIds)).find(
    ({ campaignId }) => campaignId !== campaign.id,
  )
  if (!others) return undefined
  const place = `${field}.${numberIds.indexOf(others.numberId)}`
  return invalid(place, `${place} sends for another campaign. Take it out there first.`, 'IN_CAMPAIGN')
}

const note = (
  tx: Transaction,
  { orgId, principal, action, at }: Context & { action: string; at: Date },
  before: object | null,
  after: MessagingCampaignRow & { numberIds?: readonly string[] },
): Promise<void> =>
  audit(tx, {
    ...{ orgId, principal, action, at, subject: { type: 'MessagingCampaign', id: after.id } },
    ...{ before: before && { ...before }, after: { ...after } },
  })
