import { NotFound } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type {
  BillingAccountResolvers,
  MessagingBrandResolvers,
  MessagingCampaignResolvers,
  MutationResolvers,
  PhoneNumberResolvers,
  QueryResolvers,
} from '#schema/generated/telephony.types.ts'
import { connection, isOurId, keyset, placeOf } from '#service/connection.ts'
import { type BrandAnswer, decideBrand, registerBrand } from '../commands/register-brand.ts'
import {
  type CampaignAnswer,
  decideCampaign,
  registerCampaign,
  setCampaignNumbers,
} from '../commands/register-campaign.ts'
import { campaignPages, countCampaigns, newestCampaigns } from '../store/campaigns.ts'
import { brandsAfter } from '../store/messaging.ts'
import { accountOf } from './account-of.ts'
import { inAll, newestPage } from './newest-page.ts'

export const MessagingBrand: MessagingBrandResolvers = {
  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
}

export const MessagingCampaign: MessagingCampaignResolvers = {
  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
  brand: async ({ brandId }, _, ctx) => {
    const brand = await ctx.brands.load(brandId)
    if (!brand) throw NotFound.with({ what: 'The brand' })
    return brand
  },
  numbers: async ({ id }, _, ctx) => {
    const ids = (await ctx.campaignNumbers.load(id)) ?? []
    return (await ctx.numbers.loadMany(ids, undefined)).filter((number) => number !== null)
  },
}

export const accountMessaging: Pick<BillingAccountResolvers, 'brand' | 'campaigns'> = {
  brand: ({ ban }, _, ctx) => ctx.brandsOf.load(ban),
  campaigns: ({ ban }, args, ctx) =>
    newestPage(
      args,
      async (page) => (await ctx.campaignPages.load(ban, page)) ?? [],
      async () => (await ctx.campaignCounts.load(ban)) ?? 0,
    ),
}

export const numberMessaging: Pick<PhoneNumberResolvers, 'campaign'> = {
  campaign: async ({ id }, _, ctx) => {
    const campaignId = await ctx.campaignsOf.load(id)
    return campaignId === null ? null : ctx.campaigns.load(campaignId)
  },
}

export const messagingQueries: Pick<QueryResolvers, 'campaign' | 'campaigns' | 'brands'> = {
  campaign: (_, { id }, ctx) => (isId(id) ? ctx.campaigns.load(id) : null),

  brands: async (_, args, { db, orgId }) => {
    const page = keyset(args, 1)
    const [after = null] = placeOf(page.after, isOurId) ?? []
    const rows = await db.read(orgId, (tx) => brandsAfter(tx, orgId, { after, limit: page.limit }))
    return connection(rows, page, ({ id }) => [id])
  },

  campaigns: (_, { filter, ...args }, { db, orgId }) => {
    const bans = filter?.ban ? [filter.ban] : null
    const choice = { brandId: filter?.brandId ?? null, statuses: filter?.statuses ?? null }
    const isNobodys = choice.brandId !== null && !isId(choice.brandId)
    if (isNobodys)
      return newestPage(
        args,
        async () => [],
        async () => 0,
      )
    return newestPage(
      args,
      (page) =>
        db.read(orgId, (tx) =>
          bans ? campaignPages(tx, orgId, bans, choice, page) : newestCampaigns(tx, orgId, choice, page),
        ),
      async () => inAll(await db.read(orgId, (tx) => countCampaigns(tx, orgId, bans, choice))),
    )
  },
}

const brandAnswer = (answer: BrandAnswer) =>
  '__typename' in answer ? answer : { __typename: 'BrandChanged' as const, ...answer }

const campaignAnswer = (answer: CampaignAnswer) =>
  '__typename' in answer ? answer : { __typename: 'CampaignChanged' as const, ...answer }

export const messagingMutations: Pick<
  MutationResolvers,
  'registerBrand' | 'decideBrand' | 'registerCampaign' | 'setCampaignNumbers' | 'decideCampaign'
> = {
  registerBrand: async (_, { ban, input }, ctx) => brandAnswer(await registerBrand(ctx, ban, input)),
  decideBrand: async (_, { tcrBrandId = null, reason = null, ...args }, ctx) =>
    brandAnswer(await decideBrand(ctx, { ...args, tcrBrandId, reason })),
  registerCampaign: async (_, { brandId, input }, ctx) =>
    campaignAnswer(await registerCampaign(ctx, brandId, input)),
  setCampaignNumbers: async (_, args, ctx) => campaignAnswer(await setCampaignNumbers(ctx, args)),
  decideCampaign: async (_, { tcrCampaignId = null, reason = null, ...args }, ctx) =>
    campaignAnswer(await decideCampaign(ctx, { ...args, tcrCampaignId, reason })),
}
