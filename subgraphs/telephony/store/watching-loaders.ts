import type { Clock } from '#kernel/clock.ts'
import { keyed, type Loader, loader } from '#service/loader.ts'
import type { TelephonyAlertRow } from '../domain/alerts.ts'
import type { TelephonyThresholdRow } from '../domain/thresholds.ts'
import type { UtilisationPointRow } from '../domain/utilisation.ts'
import { activeCallsOf, activeCallsOfAccounts, type CurrentCalls } from './active-calls.ts'
import { type AlertOwnerKind, type AlertState, alertsOfOwners, countAlertsOfOwners } from './alerts.ts'
import { firstCallsOf, type KeptFirstCall } from './first-calls.ts'
import { spendLimitsOf, thresholdsOf } from './thresholds.ts'
import type { Transaction } from './transaction.ts'
import { type UtilisationSpan, utilisationSeries } from './utilisation.ts'

/** A page of the alerts of accounts or trunks: of which kind the owners are, in which state, from where on. */
export interface AlertArgs {
  kind: AlertOwnerKind
  state: AlertState | null
  limit: number
  after: string | null
}

/** What is watched of accounts and trunks, as a request loads it: each in one statement, however many are asked for. */
export interface WatchingLoaders {
  /** By trunk. */
  utilisation: Loader<string, UtilisationPointRow[], UtilisationSpan>
  trunkCalls: Loader<string, CurrentCalls, void>
  /** By account. */
  accountCalls: Loader<string, { calls: number }, void>
  firstCalls: Loader<string, KeptFirstCall, void>
  thresholds: Loader<string, TelephonyThresholdRow[], void>
  spendLimits: Loader<string, { amount: string }, void>
  /** By account or trunk. */
  alertPages: Loader<string, TelephonyAlertRow[], AlertArgs>
  alertCounts: Loader<string, number, Pick<AlertArgs, 'kind' | 'state'>>
}

type Read = <T>(run: (tx: Transaction) => Promise<T>) => Promise<T>

export const watchingLoaders = (
  read: Read,
  { orgId, clock }: { orgId: string; clock: Clock },
): WatchingLoaders => ({
  utilisation: loader((ids, span) => read((tx) => utilisationSeries(tx, orgId, ids, span))),
  trunkCalls: loader(async (ids) =>
    keyed(await read((tx) => activeCallsOf(tx, orgId, ids, clock.now())), ({ trunkId }) => trunkId),
  ),
  accountCalls: loader(async (bans) =>
    keyed(await read((tx) => activeCallsOfAccounts(tx, orgId, bans, clock.now())), ({ ban }) => ban),
  ),
  firstCalls: loader(async (bans) =>
    keyed(await read((tx) => firstCallsOf(tx, orgId, bans)), ({ ban }) => ban),
  ),
  thresholds: loader(async (bans) => {
    const counting = await read((tx) => thresholdsOf(tx, orgId, bans))
    return new Map(bans.map((ban) => [ban, counting(ban)]))
  }),
  spendLimits: loader(async (bans) =>
    keyed(await read((tx) => spendLimitsOf(tx, orgId, bans)), ({ ban }) => ban),
  ),
  alertPages: loader((owners, { kind, ...page }) =>
    read((tx) => alertsOfOwners(tx, orgId, kind, owners, page)),
  ),
  alertCounts: loader((owners, { kind, state }) =>
    read((tx) => countAlertsOfOwners(tx, orgId, kind, owners, state)),
  ),
})
