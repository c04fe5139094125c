/** A portal, the customers subgraph before it, and a telephony subgraph that had a portfolio before anybody followed it. */
import { signV3 } from '#connectors/hubspot/webhook.ts'
import type { DB as TelephonyDB } from '#db/generated/telephony.ts'
import { publish } from '#events/outbox.ts'
import { systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { openVault } from '#kernel/vault.ts'
import { sealNumber } from '#schema/phone-number.ts'
import type { CustomersOptions } from '#subgraphs/customers/index.ts'
import {
  numberChanged,
  type ToldNumber,
  type ToldTrunk,
  trunkChanged,
} from '#subgraphs/telephony/domain/telling.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { connectionsBed } from '#test/connections/bed.ts'
import { ORG, TEST_KEY } from '#test/kit/customers.ts'
import { SECRET } from '#test/kit/graph.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { freePorts } from '#test/kit/processes.ts'
import { askSubgraph, NO_SIBLINGS, principal, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { ownKinds } from '#test/provisioning/provisioning-bed.ts'
import { PATH, RULES, SECRET as WEBHOOKS } from '#test/webhooks/bed.ts'

export interface Dump {
  id: string
  archived: boolean
  properties: Record<string, string | null>
  associations: Record<string, { id: string }[]>
}
export type Kind = 'trunk' | 'number'

/**
 * @param portfolio billing accounts that are open before anybody follows telephony, by the domains of the portal's companies
 * @param options whatever of the customers subgraph is to be otherwise
 */
export const assetsBed = async (
  portfolio: (domains: readonly string[]) => object[],
  options: Partial<CustomersOptions> = {},
) => {
  await using stack = new AsyncDisposableStack()
  const [port, own] = [await freePorts(1), await freePorts(1)]
  const siblings = {
    ...NO_SIBLINGS,
    customers: `http://127.0.0.1:${own}`,
    telephony: `http://127.0.0.1:${port}`,
  }
  const bed = stack.use(
    await connectionsBed({ companies: 24, customers: { siblings, port: own, webhooks: RULES, ...options } }),
  )
  const { results } = await bed.sim<{ results: Dump[] }>('records/companies?limit=100')
  // Of which nobody has written down another account.
  const unclaimed = results.filter(({ properties }) => !properties.warp_ban)
  const byDomain = Map.groupBy(unclaimed, ({ properties }) => properties.domain ?? '')
  const companies = [...byDomain].flatMap(([domain, all]) =>
    domain !== '' && all.length === 1 ? [{ id: all[0]!.id, domain }] : [],
  )
  const base = stack.use(await testDatabase<TelephonyDB>('telephony'))
  const seal = principalSeal(SECRET, systemClock)
  const telephony = await startTelephony({
    ...startWith(base.urls, { port, seal }),
    encryptionKeys: [TEST_KEY],
  })
  stack.use(telephony)
  const open = async (accounts: readonly object[]) => {
    const { data, errors } = await askSubgraph(
      telephony.url,
      `mutation ($accounts: [BillingAccountInput!]!) { importBillingAccounts(accounts: $accounts) {
        __typename ... on BillingAccountsImported { created refused { message } } } }`,
      { accounts },
      principal(ORG),
      seal,
    )
    if (errors || data.importBillingAccounts.created !== accounts.length)
      throw new Error(JSON.stringify(errors ?? data))
  }
  await open(portfolio(companies.map(({ domain }) => domain)))
  const vault = openVault([TEST_KEY])
  const all = stack.move()
  /** What telephony tells, as its commands would. */
  const tell = (events: Parameters<typeof publish>[2]) =>
    base.database.transaction(ORG, (tx) => publish(tx, ORG, events, systemClock.now()))
  const typeIds = async () =>
    new Map((await ownKinds(bed)).map(({ name, objectTypeId }) => [name, objectTypeId]))
  const rows = async (table: 'trunks' | 'numbers') =>
    await base.database.read(ORG, (tx) => tx.selectFrom(`telephony.${table}`).selectAll().execute())
  return {
    ...bed,
    companies,
    open,
    typeIds,
    rows,
    trunkChanged: (trunk: ToldTrunk, at: Date) => tell([trunkChanged(trunk, at)]),
    numberChanged: (number: ToldNumber, at: Date) =>
      tell([
        numberChanged(number, at, ({ id, number: text, cnam }) =>
          sealNumber(vault, ORG, id, { number: text, cnam }),
        ),
      ]),
    tell,
    /** What the portal has of a kind and was not taken away, with their links. */
    there: async (kind: Kind, to = 'companies'): Promise<Dump[]> => {
      const type = (await typeIds()).get(kind) ?? kind
      const { results } = await bed.sim<{ results: Dump[] }>(
        `records/${type}?limit=100000&associations=${to}`,
      )
      return results.filter((each) => !each.archived)
    },
    /** Waits until nothing is left to be looked at, read, or written. */
    quiet: () =>
      until(async () => {
        const left = await bed.database.read(ORG, async (tx) => [
          ...(await tx.selectFrom('sync.outgoing').select('type').execute()),
          ...(await tx.selectFrom('sync.signals').select('type').execute()),
        ])
        return left.length === 0
      }),
    /** Tells the hub, as HubSpot does, that something of a record has changed. */
    deliver: async (subscriptionType: string, objectTypeId: string, objectId: string, more: object = {}) => {
      const [row] = await bed.integrations()
      const at = systemClock.now().getTime()
      const event = {
        ...{ eventId: at, portalId: Number(row!.portal_id), occurredAt: at, attemptNumber: 0 },
        ...{ subscriptionType, objectTypeId, objectId: Number(objectId), ...more },
      }
      const url = `${bed.url}${PATH}`
      const body = JSON.stringify([event])
      const headers = {
        'content-type': 'application/json',
        'x-hubspot-signature-v3': signV3(WEBHOOKS, { method: 'POST', url }, Buffer.from(body), String(at)),
        'x-hubspot-request-timestamp': String(at),
      }
      return (await fetch(url, { method: 'POST', headers, body })).status
    },
    /** What a connection says of its trunks and numbers. */
    progress: async (id: string) => {
      const answer = await bed.ask(
        'query ($of: [_Any!]!) { _entities(representations: $of) { ... on HubSpotIntegration { assetRecords { kind records waiting waitsFor } } } }',
        { of: [{ __typename: 'HubSpotIntegration', id }] },
      )
      if (answer.errors) throw new Error(JSON.stringify(answer.errors))
      return answer.data._entities[0].assetRecords as {
        kind: string
        records: number
        waiting: number
        waitsFor: string | null
      }[]
    },
    /** Requests that have changed records of our own kinds since the journal was last forgotten. */
    writes: async (): Promise<string[]> =>
      (await bed.journal()).entries
        .filter(
          ({ method, path }) =>
            method === 'POST' && /objects\/2-\d+\/batch\/(upsert|update|archive)/.test(path),
        )
        .map(({ path }) => path.split('/').at(-1) ?? ''),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type AssetsBed = Awaited<ReturnType<typeof assetsBed>>
