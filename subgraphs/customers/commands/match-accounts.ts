import { publish } from '#events/outbox.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Vault } from '#kernel/vault.ts'
import { markNumber } from '#schema/phone-number.ts'
import { heldCount, populationStep } from '../domain/matching/counts.ts'
import { judgePair } from '../domain/matching/judge.ts'
import { type AccountKey, ASKS_FROM } from '../domain/matching/judgement.ts'
import { ANY, coreOf, countedOf, type Profile, profileOf } from '../domain/matching/profile.ts'
import { contradicts, nameOfKey, resolve } from '../domain/matching/resolve.ts'
import { identityChanged } from '../domain/telling.ts'
import { edgesOf, type FoundPair, keepPairs, markLinked } from '../store/found-candidates.ts'
import { lockIdentities, type Move, moveAccounts } from '../store/identities.ts'
import { settleIdentities } from '../store/identity-changes.ts'
import {
  type AccountToLearn,
  accountsAround,
  accountsToJudge,
  accountsToLearn,
  accountsToMatch,
  countsFor,
  countWords,
  doneJudging,
  factsOf,
  type Learned,
  type MatchedAccount,
  markWords,
  pairsNear,
  type WordChange,
  writeLearned,
} from '../store/matching.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'

/** With how many others of one kind (one domain, one number, like names) an account is compared at most. */
const MOST_NEAR = 12
/** Accounts that are matched at once at most: more are an import, of which all have to be learned before any is judged. */
const MOST_AT_ONCE = 100

export interface Matching {
  orgId: string
  vault: Pick<Vault, 'mark'>
  at: Date
}

/**
 * Matches the next accounts that have changed, in the caller's transaction: first all are learned, so that how common words are is known
 * before anybody is judged by it; then they are judged, some at a time. The number of statements does not depend on how many they are.
 * @param batch accounts at a time
 * @returns whether there was anything to do
 */
export const matchSome = async (tx: Transaction, matching: Matching, batch: number): Promise<boolean> => {
  await lockIdentities(tx, matching.orgId)
  const toLearn = await accountsToLearn(tx, matching.orgId, batch)
  if (toLearn.length > 0) {
    await learn(tx, matching, toLearn)
    return true
  }
  const toJudge = await accountsToJudge(tx, matching.orgId, batch)
  if (toJudge.length === 0) return false
  await judge(tx, matching, toJudge)
  await doneJudging(tx, matching.orgId, toJudge)
  return true
}

/**
 * Matches accounts in the transaction that has met them, so that whatever happens on them from then on finds the customer whose they are.
 * Many together are left to the loop. The number of statements does not depend on how many they are.
 */
export const matchAtOnce = async (
  raw: object,
  matching: Matching,
  keys: readonly AccountKey[],
): Promise<void> => {
  if (keys.length === 0 || keys.length > MOST_AT_ONCE) return
  const tx = asTransaction(raw)
  await lockIdentities(tx, matching.orgId)
  const met = await accountsToLearn(tx, matching.orgId, MOST_AT_ONCE, keys)
  if (met.length === 0) return
  await learn(tx, matching, met)
  const learned = met.map(({ key }) => key)
  await judge(tx, matching, learned)
  await doneJudging(tx, matching.orgId, learned)
}

const learnedOf = ({ orgId, vault }: Matching, account: AccountToLearn): Learned => {
  const { key, isGone, phone } = account
  const mark = phone ? markNumber(vault, orgId, phone) : undefined
  const phones = key.system !== 'HUBSPOT' ? account.phones : mark ? [mark] : []
  const profile = profileOf({ ...account, phones })
  return { key, phones, tokens: isGone ? [] : countedOf(profile), core: coreOf(profile) }
}

/** Reads what accounts say, counts their words, and has everybody judged anew for whom a word has become more or less common. */
const learn = async (
  tx: Transaction,
  matching: Matching,
  accounts: readonly AccountToLearn[],
): Promise<void> => {
  const { orgId, at } = matching
  const learned = accounts.map((account) => learnedOf(matching, account))
  const changes = new Map<string, WordChange>()
  const count = (source: string, words: readonly string[], by: 1 | -1) => {
    for (const word of words) {
      const name = `${source} ${word}`
      changes.set(name, { word, source, change: (changes.get(name)?.change ?? 0) + by })
    }
  }
  accounts.forEach(({ source, tokens }, n) => {
    count(source, tokens, -1)
    count(source, learned[n]!.tokens, 1)
  })
  await writeLearned(tx, orgId, learned)
  const counted = await countWords(
    tx,
    orgId,
    [...changes.values()].filter(({ change }) => change !== 0),
  )
  const moved = counted.filter(({ word, change, count: now }) =>
    word === ANY
      ? populationStep(now) !== populationStep(now - change)
      : heldCount(now) !== heldCount(now - change),
  )
  await markWords(tx, orgId, [...new Set(moved.map(({ word }) => word))], at)
}

const judge = async (
  tx: Transaction,
  { orgId, at }: Matching,
  keys: readonly AccountKey[],
): Promise<void> => {
  const pairs = await pairsNear(tx, orgId, keys, MOST_NEAR)
  const involved = new Map([...keys, ...pairs.flat()].map((key) => [nameOfKey(key), key]))
  const accounts = await accountsToMatch(tx, orgId, [...involved.values()])
  const known = new Map(accounts.map((account) => [nameOfKey(account.key), account]))
  const profiles = new Map(accounts.map((account) => [nameOfKey(account.key), profileOf(account)]))
  const counts = await countsFor(tx, orgId, [...profiles.values()])
  const found = pairs.flatMap(([a, b]): FoundPair[] => {
    const [one, two] = [profiles.get(nameOfKey(a)), profiles.get(nameOfKey(b))]
    if (!one || !two) return []
    const judgement = judgePair(one, two, counts)
    const isLive = [a, b].every((key) => known.get(nameOfKey(key))?.isGone === false)
    return [
      {
        ...judgement,
        ...{ a, b, facts: factsOf(one, two), isWorth: isLive && judgement.score >= ASKS_FROM },
        id: idFrom(orgId, 'identity-candidate', nameOfKey(a), nameOfKey(b)),
        kind: one.source === two.source ? 'DUPLICATE' : 'MATCH',
      },
    ]
  })
  await keepPairs(tx, orgId, found, at)
  await putTogether(tx, orgId, [...involved.values()], at)
}

/** Gives accounts to the customers that they are, and tells of those that changed. */
const putTogether = async (
  tx: Transaction,
  orgId: string,
  keys: readonly AccountKey[],
  at: Date,
): Promise<void> => {
  const around = (await accountsAround(tx, orgId, keys)).filter(({ isGone }) => !isGone)
  const edges = await edgesOf(
    tx,
    orgId,
    around.map(({ key }) => key),
  )
  const known = new Map(around.map((account) => [nameOfKey(account.key), account]))
  const within = edges.filter(({ a, b }) => known.has(nameOfKey(a)) || known.has(nameOfKey(b)))
  const { moves, together } = resolve(around, within, contradicting(known))
  await moveAccounts(tx, orgId, moves.map(moveOf))
  await markLinked(
    tx,
    orgId,
    within.flatMap(({ id, a, b, state, isDecided }) =>
      isDecided || state === 'GONE' || !known.has(nameOfKey(a)) || !known.has(nameOfKey(b))
        ? []
        : [{ id, state: together(a, b) ? ('LINKED' as const) : ('OPEN' as const) }],
    ),
    at,
  )
  const affected = moves.flatMap(({ key, customerId }) => {
    const was = known.get(nameOfKey(key))!.customerId
    return was === customerId
      ? []
      : [
          { id: customerId, into: null },
          { id: was, into: customerId },
        ]
  })
  // A customer that others come to is merged into nobody, in whatever order they are named.
  const settled = [...affected].sort((x, y) => Number(x.into === null) - Number(y.into === null))
  const states = await settleIdentities(tx, orgId, settled, at)
  await publish(tx, orgId, states.map(identityChanged), at)
}

const moveOf = ({
  key,
  ...move
}: {
  key: AccountKey
  customerId: string
  linkedBy: 'OWN' | 'MATCHED'
}): Move => ({
  system: key.system,
  account_id: key.accountId,
  customer_id: move.customerId,
  linked_by: move.linkedBy,
})

/** Whether two accounts must not come together, though a third be like both. */
const contradicting = (known: ReadonlyMap<string, MatchedAccount>) => {
  const profiles = new Map<string, Profile>()
  const of = (key: AccountKey): Profile | undefined => {
    const name = nameOfKey(key)
    const account = known.get(name)
    if (account && !profiles.has(name)) profiles.set(name, profileOf(account))
    return profiles.get(name)
  }
  return (a: AccountKey, b: AccountKey): boolean => {
    const [one, two] = [of(a), of(b)]
    return one !== undefined && two !== undefined && contradicts(judgePair(one, two).rules)
  }
}
