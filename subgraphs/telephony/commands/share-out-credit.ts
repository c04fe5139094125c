import type { Clock } from '#kernel/clock.ts'
import type { CreditRule } from '../domain/credit.ts'
import { accountsAfter } from '../store/accounts.ts'
import { creditRuleOf } from '../store/credit.ts'
import { noteSharing, sharingLeft } from '../store/credit-sharing.ts'
import { estatesOf, lockEstates } from '../store/estates.ts'
import type { Transaction } from '../store/transaction.ts'
import { type Keeping, keepEstates } from './keep-estates.ts'

export const ACTION = 'setCreditPerCall'
const PAGE = 500

/**
 * Shares out the calls of a page of accounts by a rule, in the caller's transaction, which has locked the estates, and notes how far that
 * has come.
 * @returns how many trunks may carry another number of calls, and whether all accounts are through
 */
export const shareOutPage = async (
  tx: Transaction,
  keeping: Omit<Keeping, 'action'>,
  { rule, after }: { rule: CreditRule; after: string },
): Promise<{ trunksChanged: number; isComplete: boolean }> => {
  const { orgId, principal: who } = keeping
  const bans = (await accountsAfter(tx, orgId, after, PAGE)).map(({ ban }) => ban)
  const estates = await estatesOf(tx, orgId, bans)
  const same = estates.map((estate) => ({ before: estate, after: estate }))
  const kept = await keepEstates(tx, { ...keeping, action: ACTION }, same, rule)
  const isComplete = bans.length < PAGE
  await noteSharing(tx, orgId, { after: isComplete ? null : bans.at(-1)!, who })
  const versions = new Map(estates.flatMap(({ trunks }) => trunks.map(({ id, version }) => [id, version])))
  const changed = kept.flatMap(({ trunks }) =>
    trunks.filter(({ id, version }) => version !== versions.get(id)),
  )
  return { trunksChanged: changed.length, isComplete }
}

/**
 * Goes on with sharing out calls by the newest rule, one page of accounts, in the caller's transaction.
 * @returns whether anything was left to do
 */
export const shareOutCredit = async (
  tx: Transaction,
  { orgId, clock }: { orgId: string; clock: Clock },
): Promise<boolean> => {
  await lockEstates(tx, orgId)
  const left = await sharingLeft(tx, orgId)
  if (!left) return false
  // Nothing is told of numbers, so none has to be sealed.
  const keeping = { orgId, clock, principal: left.who, sealNumber: undefined }
  await shareOutPage(tx, keeping, { rule: await creditRuleOf(tx, orgId), after: left.after })
  return true
}
