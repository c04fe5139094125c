import type { Clock } from '#kernel/clock.ts'
import type { Vault } from '#kernel/vault.ts'
import { task } from '#service/job-definition.ts'
import { type NumberOf, writeAssets } from '../commands/write-assets.ts'
import type { Rows } from '../store/transaction.ts'
import { changeRecords } from '../sync/change-records.ts'
import { writeAllAssets } from './definitions.ts'

/** Makes and changes portals' records of trunks and numbers, each batch in a transaction of its own. Safe to repeat. */
export const writeAssetsWith = (numberOf: NumberOf, vault: Vault) =>
  task<{ orgId: string }, { database: Rows; clock: Clock; published(): void }>(
    writeAllAssets,
    async ({ orgId }, { database, clock, published }, { signal }) => {
      for (let isMore = true; isMore; ) {
        signal.throwIfAborted()
        isMore = await database.transaction(orgId, (tx) =>
          writeAssets(tx, { changeRecords, numberOf, vault, orgId, at: clock.now() }),
        )
        published()
      }
    },
  )
