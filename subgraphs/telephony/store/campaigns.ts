import { type RawBuilder, sql } from 'kysely'
import type { CampaignStatus } from '../domain/messaging.ts'
import { campaignColumns, type MessagingCampaignRow } from './messaging.ts'
import { behind, type NewestPage } from './newest-page.ts'
import type { Transaction } from './transaction.ts'

/** The campaigns with these ids, one statement for all. */
export const campaignsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<MessagingCampaignRow[]> => {
  const { rows } = await sql<MessagingCampaignRow>`
    select ${campaignColumns} from telephony.campaigns
    where org_id = ${orgId} and id = any(${ids}::uuid[])`.execute(tx)
  return rows
}

/** Which campaigns. What is null does not narrow. */
export interface CampaignChoice {
  brandId: string | null
  statuses: readonly CampaignStatus[] | null
}

export const EVERY_CAMPAIGN: CampaignChoice = { brandId: null, statuses: null }

const chosen = ({ brandId, statuses }: CampaignChoice): RawBuilder<unknown> => sql`
  ${brandId === null ? sql`` : sql`and brand_id = ${brandId}::uuid`}
  ${statuses === null ? sql`` : sql`and status = any(${statuses}::text[])`}`

/** For each account its page of campaigns, newest first; one statement for all, each page a walk over an index. */
export const campaignPages = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  choice: CampaignChoice,
  { limit, after }: NewestPage,
): Promise<MessagingCampaignRow[]> => {
  const { rows } = await sql<MessagingCampaignRow>`
    select c.* from unnest(${bans}::text[]) as a(of), lateral (
      select ${campaignColumns} from telephony.campaigns
      where org_id = ${orgId} and ban = a.of ${chosen(choice)} ${behind(after)}
      order by created_at desc, id desc limit ${limit}
    ) c order by c."createdAt" desc, c.id desc`.execute(tx)
  return rows
}

/** A page of the campaigns of all accounts, newest first. */
export const newestCampaigns = async (
  tx: Transaction,
  orgId: string,
  choice: CampaignChoice,
  { limit, after }: NewestPage,
): Promise<MessagingCampaignRow[]> => {
  const { rows } = await sql<MessagingCampaignRow>`
    select ${campaignColumns} from telephony.campaigns
    where org_id = ${orgId} ${chosen(choice)} ${behind(after)}
    order by created_at desc, id desc limit ${limit}`.execute(tx)
  return rows
}

/** How many campaigns each of these accounts has, or each of all when none is named; those without any are left out. */
export const countCampaigns = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[] | null,
  choice: CampaignChoice,
): Promise<{ ban: string; count: number }[]> => {
  const of = bans === null ? sql`` : sql`and ban = any(${bans}::text[])`
  const { rows } = await sql<{ ban: string; count: number }>`
    select ban, count(*)::int as count from telephony.campaigns
    where org_id = ${orgId} ${of} ${chosen(choice)} group by ban`.execute(tx)
  return rows
}

/** Which campaign each of these numbers sends for; one statement for all. */
export const campaignsOfNumbers = async (
  tx: Transaction,
  orgId: string,
  numberIds: readonly string[],
): Promise<{ numberId: string; campaignId: string }[]> =>
  tx
    .selectFrom('telephony.campaign_numbers')
    .select(['number_id as numberId', 'campaign_id as campaignId'])
    .where('org_id', '=', orgId)
    .where('number_id', '=', sql<string>`any(${numberIds}::uuid[])`)
    .execute()

/** From which numbers each of these campaigns sends; one statement for all. */
export const numbersOfCampaigns = async (
  tx: Transaction,
  orgId: string,
  campaignIds: readonly string[],
): Promise<{ numberId: string; campaignId: string }[]> =>
  tx
    .selectFrom('telephony.campaign_numbers')
    .select(['number_id as numberId', 'campaign_id as campaignId'])
    .where('org_id', '=', orgId)
    .where('campaign_id', '=', sql<string>`any(${campaignIds}::uuid[])`)
    .orderBy('number_id')
    .execute()

/** Has a campaign send from these numbers and no others. Those that send for another one were looked for before. */
export const setNumbersOfCampaign = async (
  tx: Transaction,
  orgId: string,
  campaignId: string,
  numberIds: readonly string[],
): Promise<void> => {
  await sql`
    delete from telephony.campaign_numbers
    where org_id = ${orgId} and campaign_id = ${campaignId}::uuid and number_id <> all(${numberIds}::uuid[])`.execute(
    tx,
  )
  await sql`
    insert into telephony.campaign_numbers (org_id, number_id, campaign_id)
    select ${orgId}::uuid, n, ${campaignId}::uuid from unnest(${numberIds}::uuid[]) as n
    on conflict (org_id, number_id) do nothing`.execute(tx)
}

/** Takes numbers out of the campaigns that they send for. */
export const leaveCampaigns = async (
  tx: Transaction,
  orgId: string,
  numberIds: readonly string[],
): Promise<void> => {
  await tx
    .deleteFrom('telephony.campaign_numbers')
    .where('org_id', '=', orgId)
    .where('number_id', '=', sql<string>`any(${numberIds}::uuid[])`)
    .execute()
}
