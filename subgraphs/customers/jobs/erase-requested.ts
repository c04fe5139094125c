import type { Clock } from '#kernel/clock.ts'
import type { Vault } from '#kernel/vault.ts'
import { task } from '#service/job-definition.ts'
import { eraseByRecord } from '../commands/erase-person.ts'
import { organisationsAsked, privacyRequests, takeRequest } from '../store/privacy-requests.ts'
import type { Rows } from '../store/transaction.ts'
import { eraseRequested } from './definitions.ts'

const AT_ONCE = 100
/** Who erases when no person of the organisation does. */
const HUBSPOT = { kind: 'system', id: 'system:hubspot' } as const

/**
 * Erases the persons whom HubSpot was told to forget, each in a transaction of its own that takes the request away too: whoever
 * is interrupted goes on with those who are left. Safe to repeat.
 */
export const eraseAsRequested = (vault: Vault) =>
  task<Record<string, never>, { database: Rows; clock: Clock; published(): void }>(
    eraseRequested,
    async (_, { database, clock, published }, { signal }) => {
      for (const orgId of await database.relay(organisationsAsked))
        for (let found = AT_ONCE; found === AT_ONCE && !signal.aborted; ) {
          const requests = await database.read(orgId, (tx) => privacyRequests(tx, orgId, AT_ONCE))
          found = requests.length
          for (const request of requests) {
            if (signal.aborted) return
            const act = { orgId, principal: HUBSPOT, clock, vault }
            await database.transaction(orgId, async (tx) => {
              if (await takeRequest(tx, orgId, request)) await eraseByRecord(tx, act, request)
            })
            published()
          }
        }
    },
  )
