import { publish } from '#events/outbox.ts'
import { customerChanged } from '../domain/telling.ts'
import { customersAfter, followRules } from '../store/golden.ts'
import { goldenRulesNow, noteGoldenTurn, takeGoldenTurn } from '../store/golden-rules.ts'
import { lockIdentities } from '../store/identities.ts'
import { asTransaction } from '../store/transaction.ts'

/**
 * Lets the next customers of an organisation follow its rules, in the caller's transaction: with as many statements for a thousand
 * customers as for one. Whoever goes on after a break goes on behind the last customer that was committed. Of each that says something else
 * now it is told once.
 * @returns how many customers were looked at; undefined when there are none left to look at
 */
export const followGoldenRules = async (
  raw: object,
  orgId: string,
  at: Date,
  limit: number,
): Promise<number | undefined> => {
  const tx = asTransaction(raw)
  // Before any row, as everybody does who decides who is who.
  await lockIdentities(tx, orgId)
  const turn = await takeGoldenTurn(tx, orgId)
  if (!turn) return undefined
  const ids = await customersAfter(tx, orgId, turn.after_id, limit)
  const moved = await followRules(tx, orgId, { ids, rules: await goldenRulesNow(tx, orgId) }, at)
  await publish(
    tx,
    orgId,
    moved.map((each) => customerChanged(each, at)),
    at,
  )
  const next = ids.length < limit ? undefined : ids.at(-1)
  await noteGoldenTurn(tx, orgId, { next, done: ids.length, moved: moved.length }, at)
  return ids.length
}
