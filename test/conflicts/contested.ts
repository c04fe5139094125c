/** A portal whose records people change on both sides. */
import type { Transaction } from '#subgraphs/customers/store/transaction.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import type { Values } from '#sync/values.ts'
import { ORG } from '#test/kit/customers.ts'
import { rowsOf } from '../customers/rows.ts'
import { mappedPortal } from '../mapping/mapped-portal.ts'

const POLICY = `version clockToleranceMs rank savedAt savedBy
  fields { objectType field policy owner isDefault } deletions { objectType policy isDefault }`
const SAVE = /* GraphQL */ `
  mutation ($id: ID!, $version: Int!, $changes: PolicyChangeInput!) {
    savePolicy(integrationId: $id, expectedVersion: $version, changes: $changes) {
      __typename
      ... on PolicySaved { policy { ${POLICY} } receipt { position } }
      ... on Stale { currentVersion }
      ... on Invalid { field }
      ... on Refusal { code message }
    }
  }
`
const READ = /* GraphQL */ `
  query ($refs: [_Any!]!, $version: Int) {
    _entities(representations: $refs) { ... on HubSpotIntegration { policy(version: $version) { ${POLICY} } } }
  }
`

export const contested = async (companies = 12) => {
  const bed = await mappedPortal({ companies })
  const { integrationId } = bed
  // biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
  const policy = async (version?: number): Promise<any> => {
    const refs = [{ __typename: 'HubSpotIntegration', id: integrationId }]
    return (await bed.ask(READ, { refs, version }))._entities[0].policy
  }
  return Object.assign(bed, {
    policy,
    /** Saves by the version that holds. */
    // biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
    savePolicy: async (changes: object, version?: number): Promise<any> => {
      const expected = version ?? (await policy()).version
      return (await bed.ask(SAVE, { id: integrationId, version: expected, changes })).savePolicy
    },
    /** Changes a record here, as somebody of the hub's would. @param at when, by our clock */
    changeHere: async (
      type: 'companies' | 'contacts' | 'deals' | 'tickets',
      externalId: string,
      changes: Values,
      at = bed.clock.now(),
    ): Promise<void> => {
      const { id } = (await rowsOf(bed, type)).get(externalId)!
      const updates = [{ localId: id, values: changes }]
      await bed.database.transaction(ORG, (tx) =>
        changeRecords(tx, { orgId: ORG, integrationId, type }, { updates }, at),
      )
    },
    deleteHere: async (tx: Transaction, type: 'deals', localId: string): Promise<void> => {
      await changeRecords(tx, { orgId: ORG, integrationId, type }, { deletes: [localId] }, bed.clock.now())
    },
    /** What the hub holds of a record. */
    here: async (
      type: 'companies' | 'contacts' | 'deals' | 'tickets',
      externalId: string,
    ): Promise<Record<string, unknown>> => (await rowsOf(bed, type)).get(externalId)!.properties,
    there: async (type: string, externalId: string): Promise<Record<string, string | null>> =>
      (await bed.records(type)).find(({ id }) => id === externalId)!.properties,
  })
}
export type Contested = Awaited<ReturnType<typeof contested>>
