import { sql } from 'kysely'
import { type LeavingRules, wordPairs } from '../domain/may-leave.ts'
import { ADDRESS_PROPERTY } from '../domain/own-objects.ts'
import type { Transaction } from './transaction.ts'

/**
 * What may leave of some texts, with the emergency addresses that they may speak of: those that begin with two words that a text has.
 * One statement, and none where streets may go.
 */
export const leavingRules = async (
  tx: Transaction,
  orgId: string,
  sendsAddresses: boolean,
  texts: readonly string[],
): Promise<LeavingRules> => {
  const pairs = sendsAddresses ? [] : wordPairs(texts)
  if (pairs.length === 0) return { sendsAddresses }
  const { rows } = await sql<{ street: string }>`
    select distinct street from (
      select properties ->> ${ADDRESS_PROPERTY} as street,
        regexp_match(lower(properties ->> ${ADDRESS_PROPERTY}), '([[:alnum:]]+)[^[:alnum:]]+([[:alnum:]]+)') as words
      from customers.own_records where org_id = ${orgId}::uuid and type = 'numbers' and properties ? ${ADDRESS_PROPERTY}) as held
    where words[1] || ' ' || words[2] = any(${pairs}::text[]) order by street`.execute(tx)
  return { sendsAddresses, streets: rows.map(({ street }) => street) }
}
