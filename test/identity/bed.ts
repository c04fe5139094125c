/** Accounts that arrive in a database of customers, and who they are found to be. */
import { sql } from 'kysely'
import type { DB } from '#db/generated/customers.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { customerOfAccount } from '#subgraphs/customers/domain/links.ts'
import { matchDomain, normalName } from '#subgraphs/customers/domain/names.ts'
import { type AccountRow, writeAccounts } from '#subgraphs/customers/store/identities.ts'
import { candidatesOf } from '#subgraphs/customers/store/identity-candidates.ts'
import { insertCustomers } from '#subgraphs/customers/store/identity-changes.ts'
import { ORG, TEST_KEY } from '#test/kit/customers.ts'
import { testDatabase } from '#test/kit/postgres.ts'

/** What a system says of an account. */
export interface Said {
  system: 'HUBSPOT' | 'C3' | 'WARP'
  id: string
  name: string
  domain?: string | null
  /** Marks of its telephone numbers. */
  phones?: string[]
  /** The telephone number that a HubSpot company says. */
  phone?: string
  place?: string
  gone?: boolean
}

const rowOf = ({ system, id, name, domain = null, phones = [], place, gone = false }: Said): AccountRow => ({
  system,
  account_id: id,
  external_id: id,
  integration_id: system === 'WARP' ? null : `the ${system}`,
  own_customer_id: customerOfAccount(ORG, system, id),
  customer_id: customerOfAccount(ORG, system, id),
  name,
  normal_name: normalName(name),
  domain,
  match_domain: matchDomain(domain),
  ...(place ? { place } : {}),
  phones,
  observed_at: null,
  gone,
})

/** A database that nobody works on unless told to. */
export const openBed = async () => {
  const test = await testDatabase<DB>('customers')
  return {
    test,
    database: test.database,
    vault: openVault([TEST_KEY]),
    clock: systemClock,
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  }
}
export type Bed = Awaited<ReturnType<typeof openBed>>

/** Accounts arrive, as they do from systems without a portal of ours behind them; companies that say a telephone number with their row. */
export const arrive = (bed: Bed, said: readonly Said[]): Promise<void> =>
  bed.database.transaction(ORG, async (tx) => {
    const rows = said.map(rowOf)
    const at = systemClock.now()
    await insertCustomers(
      tx,
      ORG,
      rows.map((row) => ({
        ...{ id: row.own_customer_id, name: row.name, normal_name: row.normal_name, domain: row.domain },
        ...{ industry: null, lifecycle_stage: null, owner_id: null, lead_company_id: null, kind: 'CUSTOMER' },
      })),
      at,
    )
    const companies = said.flatMap(({ id, name, phone }, n) =>
      phone ? [{ id, name, phone, customer_id: rows[n]!.own_customer_id }] : [],
    )
    await sql`
      insert into customers.companies (id, org_id, integration_id, external_id, customer_id, name, normal_name, properties, valid_from)
      select id, ${ORG}::uuid, ${ORG}::uuid, id, customer_id, name, name, jsonb_build_object('phone', phone), ${at}::timestamptz
      from json_to_recordset(${JSON.stringify(companies)}::json) as r(id uuid, customer_id uuid, name text, phone text)
      on conflict (id) do update set properties = excluded.properties`.execute(tx)
    await writeAccounts(tx, ORG, rows, at)
  })

/** Which accounts are together, as sorted lists of their ids. */
export const groups = async (bed: Bed): Promise<string[]> => {
  const rows = await bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('customers.identities')
      .select(['account_id', 'customer_id'])
      .where('gone_at', 'is', null)
      .execute(),
  )
  return [...Map.groupBy(rows, (row) => row.customer_id).values()]
    .map((group) =>
      group
        .map((row) => row.account_id)
        .sort()
        .join(' '),
    )
    .sort()
}

export const candidates = (bed: Bed) =>
  bed.database.read(ORG, (tx) => candidatesOf(tx, ORG, {}, { first: 100, after: null }))

/** HubSpot's accounts need ids of ours: the matcher looks for their companies by them. */
export const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

const CONSONANTS = 'bdfgklmnprstvz'
const VOWELS = 'aeiou'
const syllable = (k: number): string => CONSONANTS[k % 14]! + VOWELS[Math.floor(k / 14) % 5]!

/** A name that nobody else has, nor one that is like it: two of them differ in three letters at least. @param n from 0 to 4,899 */
export const ownName = (n: number): string => {
  const [a, b] = [n % 70, Math.floor(n / 70)]
  const word = [a, b, a * 3 + 1, b * 3 + 1, a * 11 + 2, b * 11 + 2].map((k) => syllable(k % 70)).join('')
  return `${word[0]!.toUpperCase()}${word.slice(1)}`
}
