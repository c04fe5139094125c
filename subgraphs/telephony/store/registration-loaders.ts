import { keyed, type Loader, loader } from '#service/loader.ts'
import {
  campaignPages,
  campaignsById,
  campaignsOfNumbers,
  countCampaigns,
  EVERY_CAMPAIGN,
  numbersOfCampaigns,
} from './campaigns.ts'
import { brandsById, type MessagingBrandRow, type MessagingCampaignRow, newestBrands } from './messaging.ts'
import type { NewestPage } from './newest-page.ts'
import { countPorts, EVERY_PORT, numbersOfPorts, type PortOrderRow, portPages, portsById } from './ports.ts'
import type { Transaction } from './transaction.ts'

/** What carriers and the registry have to approve, as a request loads it: each in one statement, however many are asked for. */
export interface RegistrationLoaders {
  ports: Loader<string, PortOrderRow, void>
  /** The numbers' ids, by order. */
  portNumbers: Loader<string, string[], void>
  /** By account, newest first. */
  portPages: Loader<string, PortOrderRow[], NewestPage>
  portCounts: Loader<string, number, void>
  brands: Loader<string, MessagingBrandRow, void>
  /** By account. */
  brandsOf: Loader<string, MessagingBrandRow, void>
  campaigns: Loader<string, MessagingCampaignRow, void>
  /** The campaign's id, by number. */
  campaignsOf: Loader<string, string, void>
  /** The numbers' ids, by campaign. */
  campaignNumbers: Loader<string, string[], void>
  campaignPages: Loader<string, MessagingCampaignRow[], NewestPage>
  campaignCounts: Loader<string, number, void>
}

type Read = <T>(run: (tx: Transaction) => Promise<T>) => Promise<T>

export const registrationLoaders = (read: Read, orgId: string): RegistrationLoaders => {
  const rowsBy = <T>(
    keyOf: (row: T) => string,
    rowsOf: (tx: Transaction, orgId: string, keys: readonly string[]) => Promise<T[]>,
  ) => loader<string, T>(async (keys) => keyed(await read((tx) => rowsOf(tx, orgId, keys)), keyOf))
  const pagesBy = <T extends { ban: string }>(
    rowsOf: (tx: Transaction, bans: readonly string[], page: NewestPage) => Promise<T[]>,
  ) =>
    loader<string, T[], NewestPage>(async (bans, page) => {
      const rows = await read((tx) => rowsOf(tx, bans, page))
      return Map.groupBy(rows, ({ ban }) => ban)
    })
  const countsBy = (
    countsOf: (tx: Transaction, bans: readonly string[]) => Promise<{ ban: string; count: number }[]>,
  ) =>
    loader<string, number>(async (bans) => {
      const counts = await read((tx) => countsOf(tx, bans))
      return new Map(counts.map(({ ban, count }) => [ban, count]))
    })
  return {
    ports: rowsBy((row) => row.id, portsById),
    portNumbers: loader<string, string[]>((ids) => read((tx) => numbersOfPorts(tx, orgId, ids))),
    portPages: pagesBy((tx, bans, page) => portPages(tx, orgId, bans, EVERY_PORT, page)),
    portCounts: countsBy((tx, bans) => countPorts(tx, orgId, bans, EVERY_PORT)),
    brands: rowsBy((row) => row.id, brandsById),
    brandsOf: rowsBy((row) => row.ban, newestBrands),
    campaigns: rowsBy((row) => row.id, campaignsById),
    campaignsOf: loader<string, string>(async (ids) => {
      const found = await read((tx) => campaignsOfNumbers(tx, orgId, ids))
      return new Map(found.map(({ numberId, campaignId }) => [numberId, campaignId]))
    }),
    campaignNumbers: loader<string, string[]>(async (ids) => {
      const found = await read((tx) => numbersOfCampaigns(tx, orgId, ids))
      const byCampaign = Map.groupBy(found, ({ campaignId }) => campaignId)
      return new Map([...byCampaign].map(([id, all]) => [id, all.map(({ numberId }) => numberId)]))
    }),
    campaignPages: pagesBy((tx, bans, page) => campaignPages(tx, orgId, bans, EVERY_CAMPAIGN, page)),
    campaignCounts: countsBy((tx, bans) => countCampaigns(tx, orgId, bans, EVERY_CAMPAIGN)),
  }
}
