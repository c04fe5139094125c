import { sql } from 'kysely'
import type { BrandKind, BrandStatus, BrandVertical, CampaignStatus, UseCase } from '../domain/messaging.ts'
import type { Transaction } from './transaction.ts'

/** Who sends messages, as it is kept. */
export interface MessagingBrandRow {
  id: string
  ban: string
  displayName: string
  kind: BrandKind
  vertical: BrandVertical
  website: string | null
  status: BrandStatus
  tcrBrandId: string | null
  reason: string | null
  createdAt: Date
  updatedAt: Date
}

/** What messages are sent for, as it is kept. */
export interface MessagingCampaignRow {
  id: string
  brandId: string
  ban: string
  useCase: UseCase
  description: string
  sampleMessages: string[]
  status: CampaignStatus
  tcrCampaignId: string | null
  reason: string | null
  createdAt: Date
  updatedAt: Date
}

const brandColumns = sql`
  id, ban, display_name as "displayName", kind, vertical, website, status, tcr_brand_id as "tcrBrandId", reason,
  created_at as "createdAt", updated_at as "updatedAt"`

export const campaignColumns = sql`
  id, brand_id as "brandId", ban, use_case as "useCase", description, sample_messages as "sampleMessages", status,
  tcr_campaign_id as "tcrCampaignId", reason, created_at as "createdAt", updated_at as "updatedAt"`

/** The brands with these ids, one statement for all. */
export const brandsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<MessagingBrandRow[]> => {
  const { rows } = await sql<MessagingBrandRow>`
    select ${brandColumns} from telephony.brands where org_id = ${orgId} and id = any(${ids}::uuid[])`.execute(
    tx,
  )
  return rows
}

/** A page of all brands by id, those behind `after`: one statement. */
export const brandsAfter = async (
  tx: Transaction,
  orgId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<MessagingBrandRow[]> => {
  const { rows } = await sql<MessagingBrandRow>`
    select ${brandColumns} from telephony.brands
    where org_id = ${orgId} ${after === null ? sql`` : sql`and id > ${after}::uuid`} order by id limit ${limit}`.execute(
    tx,
  )
  return rows
}

/** The newest brand of each of these accounts, one statement for all. */
export const newestBrands = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<MessagingBrandRow[]> => {
  const { rows } = await sql<MessagingBrandRow>`
    select distinct on (ban) ${brandColumns} from telephony.brands
    where org_id = ${orgId} and ban = any(${bans}::text[]) order by ban, created_at desc, id desc`.execute(tx)
  return rows
}

/** All brands and campaigns of these accounts; two statements. */
export const messagingOf = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<{ brands: MessagingBrandRow[]; campaigns: MessagingCampaignRow[] }> => {
  const brands = await sql<MessagingBrandRow>`
    select ${brandColumns} from telephony.brands
    where org_id = ${orgId} and ban = any(${bans}::text[]) order by ban, id`.execute(tx)
  const campaigns = await sql<MessagingCampaignRow>`
    select ${campaignColumns} from telephony.campaigns
    where org_id = ${orgId} and ban = any(${bans}::text[]) order by ban, id`.execute(tx)
  return { brands: brands.rows, campaigns: campaigns.rows }
}

/** Whether a brand of the organisation is registered with this id. */
export const hasTcrBrand = async (tx: Transaction, orgId: string, tcrBrandId: string): Promise<boolean> =>
  (await tx
    .selectFrom('telephony.brands')
    .select('id')
    .where('org_id', '=', orgId)
    .where('tcr_brand_id', '=', tcrBrandId)
    .where('status', '=', 'REGISTERED')
    .executeTakeFirst()) !== undefined

/** Whether a campaign of the organisation has this id at the registry. */
export const hasTcrCampaign = async (
  tx: Transaction,
  orgId: string,
  tcrCampaignId: string,
): Promise<boolean> =>
  (await tx
    .selectFrom('telephony.campaigns')
    .select('id')
    .where('org_id', '=', orgId)
    .where('tcr_campaign_id', '=', tcrCampaignId)
    .executeTakeFirst()) !== undefined

/** Has whoever writes down what the registry says do so one after the other, until the transaction ends. Taken before any account. */
export const lockRegistry = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`telephony.messaging ${orgId}`}, 0))`.execute(tx)
}

export const insertBrand = async (
  tx: Transaction,
  orgId: string,
  brand: MessagingBrandRow,
): Promise<void> => {
  await tx
    .insertInto('telephony.brands')
    .values({
      org_id: orgId,
      ...{ id: brand.id, ban: brand.ban, display_name: brand.displayName, kind: brand.kind },
      ...{ vertical: brand.vertical, website: brand.website, status: brand.status },
      ...{ created_at: brand.createdAt, updated_at: brand.updatedAt },
    })
    .execute()
}

/** Writes what the registry says about a brand. */
export const saveBrand = async (tx: Transaction, orgId: string, brand: MessagingBrandRow): Promise<void> => {
  await tx
    .updateTable('telephony.brands')
    .set({
      status: brand.status,
      tcr_brand_id: brand.tcrBrandId,
      reason: brand.reason,
      updated_at: brand.updatedAt,
    })
    .where('org_id', '=', orgId)
    .where('id', '=', brand.id)
    .execute()
}

export const insertCampaign = async (
  tx: Transaction,
  orgId: string,
  campaign: MessagingCampaignRow,
): Promise<void> => {
  await tx
    .insertInto('telephony.campaigns')
    .values({
      org_id: orgId,
      ...{ id: campaign.id, brand_id: campaign.brandId, ban: campaign.ban, use_case: campaign.useCase },
      ...{
        description: campaign.description,
        sample_messages: campaign.sampleMessages,
        status: campaign.status,
      },
      ...{ created_at: campaign.createdAt, updated_at: campaign.updatedAt },
    })
    .execute()
}

/** Writes what the registry says about a campaign. */
export const saveCampaign = async (
  tx: Transaction,
  orgId: string,
  campaign: MessagingCampaignRow,
): Promise<void> => {
  const { status, tcrCampaignId, reason, updatedAt } = campaign
  await tx
    .updateTable('telephony.campaigns')
    .set({ status, tcr_campaign_id: tcrCampaignId, reason, updated_at: updatedAt })
    .where('org_id', '=', orgId)
    .where('id', '=', campaign.id)
    .execute()
}

/** Notes that brands and campaigns are over, and lets the campaigns' numbers go: three statements. */
export const endMessaging = async (
  tx: Transaction,
  orgId: string,
  { brandIds, campaignIds }: { brandIds: readonly string[]; campaignIds: readonly string[] },
  at: Date,
): Promise<void> => {
  const end = (table: 'telephony.brands' | 'telephony.campaigns', ids: readonly string[]) =>
    sql`update ${sql.table(table)} set status = 'EXPIRED', updated_at = ${at}::timestamptz
      where org_id = ${orgId} and id = any(${ids}::uuid[])`.execute(tx)
  await end('telephony.brands', brandIds)
  await end('telephony.campaigns', campaignIds)
  await sql`
    delete from telephony.campaign_numbers where org_id = ${orgId} and campaign_id = any(${campaignIds}::uuid[])`.execute(
    tx,
  )
}
