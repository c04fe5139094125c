import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { countsOf } from '../domain/matching/counts.ts'
import { judgePair } from '../domain/matching/judge.ts'
import { type AccountKey, inOrder, type Judgement } from '../domain/matching/judgement.ts'
import { ANY, countedOf, type Facts, type Profile, profileOf } from '../domain/matching/profile.ts'
import type { Placed } from '../domain/matching/resolve.ts'
import type { Transaction } from './transaction.ts'

/** An account with all that is compared of it, and where it is. */
export interface MatchedAccount extends Facts, Placed {
  key: AccountKey
  source: string
  isGone: boolean
  /** What was counted of it when it was learned last. */
  tokens: string[]
}

interface AccountFacts {
  system: AccountKey['system']
  account_id: string
  source: string
  name: string
  domain: string | null
  phones: string[]
  ban: string | null
  place: string | null
  country: string | null
  is_supplier: boolean
  tokens: string[]
  own_customer_id: string
  customer_id: string
  linked_by: Placed['linkedBy']
  is_gone: boolean
}

const FACTS = sql`i.system, i.account_id, i.source, i.name, i.domain, i.phones, i.ban, i.place, i.country, i.is_supplier, i.tokens,
  i.own_customer_id, i.customer_id, i.linked_by, i.gone_at is not null as is_gone`

const accountOf = (row: AccountFacts): MatchedAccount => ({
  key: { system: row.system, accountId: row.account_id },
  source: row.source,
  name: row.name,
  domain: row.domain,
  phones: row.phones,
  ban: row.ban,
  place: row.place,
  country: row.country,
  isSupplier: row.is_supplier,
  tokens: row.tokens,
  ownCustomerId: row.own_customer_id,
  customerId: row.customer_id,
  linkedBy: row.linked_by,
  isGone: row.is_gone,
})

const columnsOf = (keys: readonly AccountKey[]): [systems: string[], ids: string[]] => [
  keys.map(({ system }) => system),
  keys.map(({ accountId }) => accountId),
]

/** Accounts with what is compared of them: one statement. */
export const accountsToMatch = async (
  tx: Transaction,
  orgId: string,
  keys: readonly AccountKey[],
): Promise<MatchedAccount[]> => {
  const [systems, ids] = columnsOf(keys)
  const { rows } = await sql<AccountFacts>`
    select ${FACTS} from unnest(${systems}::text[], ${ids}::text[]) as k(system, account_id)
    join customers.identities i on i.org_id = ${orgId}::uuid and i.system = k.system and i.account_id = k.account_id`.execute(
    tx,
  )
  return rows.map(accountOf)
}

/** What somebody said of an account, as a hash: a decision holds as long as it stays the same. */
const hashOf = (profile: Profile): string => {
  const { name, domain, phones, ban, place, country, isSupplier } = profile
  return createHash('sha256')
    .update(JSON.stringify([name, domain, [...phones].sort(), ban, place, country, isSupplier]))
    .digest('base64url')
    .slice(0, 22)
}

/** The hash of what both accounts of a pair say. */
export const factsOf = (a: Profile, b: Profile): string => {
  const [first] = inOrder(a.key, b.key)
  return first === a.key ? `${hashOf(a)}${hashOf(b)}` : `${hashOf(b)}${hashOf(a)}`
}

/** How often what accounts say is met in the organisation, at most in one source: one statement. */
export const countsFor = async (tx: Transaction, orgId: string, profiles: readonly Profile[]) => {
  const words = [...new Set([ANY, ...profiles.flatMap(countedOf)])]
  const { rows } = await sql<{ word: string; most: number }>`
    select token as word, max(count) as most from customers.identity_words
    where org_id = ${orgId}::uuid and token = any(${words}::text[]) group by token`.execute(tx)
  return countsOf(new Map(rows.map(({ word, most }) => [word, most])))
}

/** A pair as it is explained. */
export interface ExplainedPair extends Judgement {
  a: AccountKey
  b: AccountKey
  kind: 'MATCH' | 'DUPLICATE'
  facts: string
}

/** The same, as the graph shows it. */
export type IdentityMatchRow = ExplainedPair

/** What the matcher has to say of pairs, in the order asked; undefined for one of which an account is unknown. Two statements. */
export const explainPairs = async (
  tx: Transaction,
  orgId: string,
  pairs: readonly { a: AccountKey; b: AccountKey }[],
): Promise<(ExplainedPair | undefined)[]> => {
  const name = ({ system, accountId }: AccountKey) => `${system} ${accountId}`
  const keys = new Map(pairs.flatMap(({ a, b }) => [a, b]).map((key) => [name(key), key]))
  const accounts = await accountsToMatch(tx, orgId, [...keys.values()])
  const profiles = new Map(accounts.map((account) => [name(account.key), profileOf(account)]))
  const counts = await countsFor(tx, orgId, [...profiles.values()])
  return pairs.map(({ a, b }) => {
    const [one, two] = [profiles.get(name(a)), profiles.get(name(b))]
    if (!one || !two) return undefined
    const kind = one.source === two.source ? 'DUPLICATE' : 'MATCH'
    return { ...judgePair(one, two, counts), a, b, kind, facts: factsOf(one, two) }
  })
}

/** What the matcher has to say of two accounts; undefined when one of them is unknown. Two statements. */
export const explainPair = async (
  tx: Transaction,
  orgId: string,
  a: AccountKey,
  b: AccountKey,
): Promise<ExplainedPair | undefined> => (await explainPairs(tx, orgId, [{ a, b }]))[0]

/** An account that has to be learned: with the telephone number that its company has in HubSpot. */
export interface AccountToLearn extends MatchedAccount {
  phone: string | null
}

/** Accounts whose facts nobody has read since they changed, in their order. One statement. @param among of these alone; left out: of all */
export const accountsToLearn = async (
  tx: Transaction,
  orgId: string,
  limit: number,
  among?: readonly AccountKey[],
): Promise<AccountToLearn[]> => {
  const [systems, ids] = columnsOf(among ?? [])
  const { rows } = await sql<AccountFacts & { phone: string | null }>`
    select ${FACTS}, c.properties ->> 'phone' as phone from (
      select system, account_id from customers.identity_due where org_id = ${orgId}::uuid and step = 'LEARN'
        and (${among === undefined} or (system, account_id) in (select * from unnest(${systems}::text[], ${ids}::text[])))
      order by system, account_id limit ${limit}
    ) d join customers.identities i on i.org_id = ${orgId}::uuid and i.system = d.system and i.account_id = d.account_id
    left join customers.companies c on i.system = 'HUBSPOT' and c.id = case when i.system = 'HUBSPOT' then i.account_id::uuid end`.execute(
    tx,
  )
  return rows.map((row) => ({ ...accountOf(row), phone: row.phone }))
}

/** What was learned of an account. */
export interface Learned {
  key: AccountKey
  tokens: readonly string[]
  core: string
  phones: readonly string[]
}

/** Notes what was learned of accounts, and that they are to be judged: one statement. */
export const writeLearned = async (
  tx: Transaction,
  orgId: string,
  learned: readonly Learned[],
): Promise<void> => {
  const rows = learned.map(({ key, ...rest }) => ({ ...rest, system: key.system, account_id: key.accountId }))
  await sql`
    with r as (
      select system, account_id, core, array(select jsonb_array_elements_text(tokens)) as tokens,
        array(select jsonb_array_elements_text(phones)) as phones
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(system text, account_id text, tokens jsonb, core text, phones jsonb)
    ), judged as (
      update customers.identity_due d set step = 'JUDGE' from r
      where d.org_id = ${orgId}::uuid and d.system = r.system and d.account_id = r.account_id
    )
    update customers.identities i set tokens = r.tokens, name_core = r.core, phones = r.phones from r
    where i.org_id = ${orgId}::uuid and i.system = r.system and i.account_id = r.account_id`.execute(tx)
}

/** How many more accounts of a source have a word, or fewer. */
export interface WordChange {
  word: string
  source: string
  change: number
}

/** Counts words: one statement. @returns how many there are now of those that changed */
export const countWords = async (
  tx: Transaction,
  orgId: string,
  changes: readonly WordChange[],
): Promise<(WordChange & { count: number })[]> => {
  if (changes.length === 0) return []
  const { rows } = await sql<WordChange & { count: number }>`
    with r as (
      select word, source, change from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as r(word text, source text, change integer)
    ), counted as (
      insert into customers.identity_words as w (org_id, token, source, count)
      select ${orgId}::uuid, word, source, change from r order by word, source
      on conflict (org_id, token, source) do update set count = w.count + excluded.count
      returning token, source, count
    )
    select r.word, r.source, r.change, c.count from counted c join r on r.word = c.token and r.source = c.source`.execute(
    tx,
  )
  return rows
}

/** Has all accounts judged anew in whose name one of these words is; the empty word is in every one. One statement. */
export const markWords = async (
  tx: Transaction,
  orgId: string,
  words: readonly string[],
  at: Date,
): Promise<void> => {
  if (words.length === 0) return
  await sql`
    insert into customers.identity_due (org_id, system, account_id, step, marked_at)
    select ${orgId}::uuid, system, account_id, 'JUDGE', ${at}::timestamptz
    from customers.accounts_with_words(${[...words]}::text[]) order by 2, 3
    on conflict do nothing`.execute(tx)
}

/** Accounts that are to be judged, in their order. One statement. */
export const accountsToJudge = async (
  tx: Transaction,
  orgId: string,
  limit: number,
): Promise<AccountKey[]> => {
  const { rows } = await sql<{ system: AccountKey['system']; account_id: string }>`
    select system, account_id from customers.identity_due where org_id = ${orgId}::uuid and step = 'JUDGE'
    order by system, account_id limit ${limit}`.execute(tx)
  return rows.map((row) => ({ system: row.system, accountId: row.account_id }))
}

/** Notes that accounts have been judged. One statement. */
export const doneJudging = async (
  tx: Transaction,
  orgId: string,
  keys: readonly AccountKey[],
): Promise<void> => {
  const [systems, ids] = columnsOf(keys)
  await sql`
    delete from customers.identity_due d using unnest(${systems}::text[], ${ids}::text[]) as k(system, account_id)
    where d.org_id = ${orgId}::uuid and d.system = k.system and d.account_id = k.account_id`.execute(tx)
}

/**
 * Pairs that accounts may be of: with those whose domain, number or name is like theirs, and those they were of before. One statement.
 * @param most how many of each kind come into question
 */
export const pairsNear = async (
  tx: Transaction,
  orgId: string,
  keys: readonly AccountKey[],
  most: number,
): Promise<[AccountKey, AccountKey][]> => {
  const [systems, ids] = columnsOf(keys)
  const { rows } = await sql<
    Record<'a_system' | 'b_system', AccountKey['system']> & Record<'a_id' | 'b_id', string>
  >`
    select a_system, a_account_id as a_id, b_system, b_account_id as b_id
    from customers.accounts_near(${systems}::text[], ${ids}::text[], ${most})
    union
    select c.a_system, c.a_account_id, c.b_system, c.b_account_id from unnest(${systems}::text[], ${ids}::text[]) as k(system, account_id)
    join customers.identity_candidates c on c.org_id = ${orgId}::uuid and c.a_system = k.system and c.a_account_id = k.account_id
    union
    select c.a_system, c.a_account_id, c.b_system, c.b_account_id from unnest(${systems}::text[], ${ids}::text[]) as k(system, account_id)
    join customers.identity_candidates c on c.org_id = ${orgId}::uuid and c.b_system = k.system and c.b_account_id = k.account_id`.execute(
    tx,
  )
  const pairs = rows.map((row) =>
    inOrder({ system: row.a_system, accountId: row.a_id }, { system: row.b_system, accountId: row.b_id }),
  )
  return [...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).values()]
}

/**
 * Accounts that may have to go with these: those of their customers, those they are linked with, and whose customers they are with, step by
 * step. One statement.
 */
export const accountsAround = async (
  tx: Transaction,
  orgId: string,
  keys: readonly AccountKey[],
): Promise<MatchedAccount[]> => {
  const [systems, ids] = columnsOf(keys)
  const { rows } = await sql<AccountFacts>`
    with recursive reached(system, account_id) as (
      select system, account_id from unnest(${systems}::text[], ${ids}::text[]) as k(system, account_id)
      union
      select n.system, n.account_id from reached r cross join lateral (
        select c.b_system as system, c.b_account_id as account_id from customers.identity_candidates c
        where c.org_id = ${orgId}::uuid and c.a_system = r.system and c.a_account_id = r.account_id
          and (c.state = 'LINKED' or c.state = 'OPEN' and c.verdict = 'LINK')
        union all
        select c.a_system, c.a_account_id from customers.identity_candidates c
        where c.org_id = ${orgId}::uuid and c.b_system = r.system and c.b_account_id = r.account_id
          and (c.state = 'LINKED' or c.state = 'OPEN' and c.verdict = 'LINK')
        union all
        select m.system, m.account_id from customers.identities me
        join customers.identities m on m.org_id = me.org_id and (m.customer_id = me.customer_id or m.own_customer_id = me.customer_id)
        where me.org_id = ${orgId}::uuid and me.system = r.system and me.account_id = r.account_id
      ) n
    )
    select ${FACTS} from reached r
    join customers.identities i on i.org_id = ${orgId}::uuid and i.system = r.system and i.account_id = r.account_id`.execute(
    tx,
  )
  return rows.map(accountOf)
}

/**
 * Organisations that have accounts to match. Asked by relay before every batch: it steps from organisation to organisation by index, so that
 * what it costs does not depend on how many accounts wait.
 */
export const organisationsToMatch = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{ org_id: string }>`
    with recursive orgs as (
      (select org_id from customers.identity_due order by org_id limit 1)
      union all
      select (select d.org_id from customers.identity_due d where d.org_id > orgs.org_id order by d.org_id limit 1)
      from orgs where orgs.org_id is not null
    )
    select org_id from orgs where org_id is not null`.execute(tx)
  return rows.map((row) => row.org_id)
}
