import { sql } from 'kysely'
import type { OnboardingState, Step, StepName, StepState } from '../domain/onboarding.ts'
import { STEP_NAMES } from '../domain/onboarding.ts'
import type { OnboardingCode } from '../domain/onboarding-words.ts'
import { hasLeft, standingAccount } from './standing-accounts.ts'
import type { Transaction } from './transaction.ts'

/** An onboarding as it stands. */
export interface OnboardingRow {
  id: string
  customer_id: string | null
  deal_id: string | null
  integration_id: string | null
  state: OnboardingState
  stopped_because: 'DEAL_REOPENED' | 'DEAL_DELETED' | null
  started_at: Date
  updated_at: Date
  ended_at: Date | null
}

/** A step with when it came to stand so. */
export interface OnboardingStepRow extends Step {
  attempts: number
  changed_at: Date
}

/** An onboarding that is to begin. */
export interface Beginning {
  id: string
  customerId: string | null
  dealId: string | null
  integrationId: string | null
}

const COLUMNS = sql`o.id, o.customer_id, o.deal_id, o.integration_id, o.state, o.stopped_because, o.started_at, o.updated_at, o.ended_at`

/**
 * Begins onboardings: one statement. One that is there is begun again where it was stopped, and otherwise left alone; so is whoever is being
 * onboarded, or was, by another, unless it has left since.
 * @param again also those that somebody has cancelled
 * @returns ids of those that go on now
 */
export const beginOnboardings = async (
  tx: Transaction,
  orgId: string,
  rows: readonly Beginning[],
  at: Date,
  again = false,
): Promise<string[]> => {
  if (rows.length === 0) return []
  const from: OnboardingState[] = again ? ['STOPPED', 'CANCELLED'] : ['STOPPED']
  const { rows: begun } = await sql<{ id: string }>`
    insert into customers.onboardings as o (org_id, id, customer_id, deal_id, integration_id, state, started_at, updated_at)
    select distinct on (coalesce(r."customerId", r.id)) ${orgId}::uuid, r.id, r."customerId", r."dealId", r."integrationId", 'RUNNING',
      ${at}::timestamptz, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, "customerId" uuid, "dealId" uuid, "integrationId" uuid)
    where not exists (select from customers.onboardings other where other.org_id = ${orgId}::uuid and other.id <> r.id
      and other.customer_id = r."customerId" and (other.state = 'RUNNING'
        or other.state = 'COMPLETED' and not ${hasLeft(sql`${orgId}::uuid`, sql`r."customerId"`)}))
    order by coalesce(r."customerId", r.id), r.id
    on conflict (id) do update set state = 'RUNNING', stopped_because = null, ended_at = null, updated_at = excluded.updated_at,
      customer_id = coalesce(excluded.customer_id, o.customer_id), integration_id = coalesce(excluded.integration_id, o.integration_id)
      where o.state = any(${from}::text[])
    returning o.id`.execute(tx)
  return begun.map(({ id }) => id)
}

/** Writes that all steps of onboardings are still to come, where nothing is known of them: one statement. */
export const beginSteps = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  at: Date,
): Promise<void> => {
  if (ids.length === 0) return
  await sql`
    insert into customers.onboarding_steps (org_id, onboarding_id, step, state, changed_at)
    select ${orgId}::uuid, i.id, s.step, 'PENDING', ${at}::timestamptz
    from unnest(${ids}::uuid[]) as i(id), unnest(${STEP_NAMES}::text[]) as s(step)
    on conflict do nothing`.execute(tx)
}

/** An onboarding, which nobody else moves until the transaction ends. */
export const lockOnboarding = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<OnboardingRow | undefined> => {
  const { rows } = await sql<OnboardingRow>`
    select ${COLUMNS} from customers.onboardings o where o.org_id = ${orgId}::uuid and o.id = ${id}::uuid for update`.execute(
    tx,
  )
  return rows[0]
}

/** Writes where an onboarding stands. */
export const saveOnboarding = async (
  tx: Transaction,
  orgId: string,
  row: Pick<OnboardingRow, 'id' | 'customer_id' | 'state' | 'stopped_because'>,
  at: Date,
): Promise<void> => {
  await sql`
    update customers.onboardings set customer_id = ${row.customer_id}::uuid, state = ${row.state}, stopped_because = ${row.stopped_because},
      updated_at = ${at}::timestamptz, ended_at = case when ${row.state} = 'RUNNING' then null else ${at}::timestamptz end
    where org_id = ${orgId}::uuid and id = ${row.id}::uuid`.execute(tx)
}

/** Writes where steps of an onboarding stand: one statement. A step that is to be tried again counts as tried once more. */
export const saveSteps = async (
  tx: Transaction,
  orgId: string,
  onboardingId: string,
  steps: readonly { step: StepName; state: StepState; code: OnboardingCode | null }[],
  at: Date,
): Promise<void> => {
  if (steps.length === 0) return
  await sql`
    update customers.onboarding_steps s set state = r.state, code = r.code, changed_at = ${at}::timestamptz,
      attempts = s.attempts + case when r.state = 'PENDING' then 1 else 0 end
    from json_to_recordset(${JSON.stringify(steps)}::json) as r(step text, state text, code text)
    where s.org_id = ${orgId}::uuid and s.onboarding_id = ${onboardingId}::uuid and s.step = r.step`.execute(
    tx,
  )
}

/** The steps of onboardings, by onboarding, in their order: one statement. */
export const stepsOf = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, OnboardingStepRow[]>> => {
  const { rows } = await sql<OnboardingStepRow & { onboarding_id: string }>`
    select onboarding_id, step, state, code, attempts, changed_at from customers.onboarding_steps
    where org_id = ${orgId}::uuid and onboarding_id = any(${ids}::uuid[])`.execute(tx)
  const order = new Map(STEP_NAMES.map((name, place) => [name, place]))
  rows.sort((a, b) => (order.get(a.step) ?? 0) - (order.get(b.step) ?? 0))
  return Map.groupBy(rows, (row) => row.onboarding_id)
}

/** Onboardings by id: one statement. */
export const onboardingsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, OnboardingRow>> => {
  const { rows } = await sql<OnboardingRow>`
    select ${COLUMNS} from customers.onboardings o where o.org_id = ${orgId}::uuid and o.id = any(${ids}::uuid[])`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** The newest onboarding of each customer: one statement. */
export const newestOnboardings = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, OnboardingRow>> => {
  const { rows } = await sql<OnboardingRow>`
    select distinct on (o.customer_id) ${COLUMNS} from customers.onboardings o
    where o.org_id = ${orgId}::uuid and o.customer_id = any(${customerIds}::uuid[])
    order by o.customer_id, o.started_at desc, o.id desc`.execute(tx)
  return new Map(rows.map((row) => [row.customer_id ?? '', row]))
}

/** A page of onboardings, newest first: one statement over an index. */
export const listOnboardings = async (
  tx: Transaction,
  orgId: string,
  ask: {
    states: readonly OnboardingState[] | null
    limit: number
    after: readonly (string | number | null)[] | null
  },
): Promise<OnboardingRow[]> => {
  const [at = null, id = null] = ask.after ?? []
  const { rows } = await sql<OnboardingRow>`
    select ${COLUMNS} from customers.onboardings o where o.org_id = ${orgId}::uuid
      and (${ask.states}::text[] is null or o.state = any(${ask.states}::text[]))
      and (${at}::timestamptz is null
        or (date_trunc('milliseconds', o.started_at, 'UTC'), o.id) < (${at}::timestamptz, ${id}::uuid))
    order by date_trunc('milliseconds', o.started_at, 'UTC') desc, o.id desc limit ${ask.limit}`.execute(tx)
  return rows
}

/** A step of an onboarding that waits for others to provide something. */
export interface WaitingRow {
  id: string
  step: 'BILLING_ACCOUNT' | 'FIRST_TRUNK'
  changed_at: Date
  customer_id: string
  name: string
  domain: string | null
  ban: string | null
}

/** Onboardings that go on and wait for others, by id: one statement for a page. */
export const waitingOnboardings = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<WaitingRow[]> => {
  const { rows } = await sql<WaitingRow>`
    select o.id, s.step, s.changed_at, c.id as customer_id, c.name, c.domain,
      (select s.ban from (${standingAccount(sql`o.org_id`, sql`c.id`)}) s) as ban
    from customers.onboardings o
    join customers.onboarding_steps s on s.org_id = o.org_id and s.onboarding_id = o.id and s.state = 'WAITING'
      and s.step in ('BILLING_ACCOUNT', 'FIRST_TRUNK')
    join customers.customers c on c.org_id = o.org_id and c.id = o.customer_id and c.gone_at is null and c.merged_into is null
    where o.org_id = ${orgId}::uuid and o.state = 'RUNNING' and o.id > ${after}::uuid
    order by o.id limit ${limit}`.execute(tx)
  return rows
}

/** What may end the waiting of onboardings. */
export interface News {
  deals?: readonly string[]
  customers?: readonly string[]
  bans?: readonly string[]
  /** Somebody was erased, whom a mail may have been for. */
  mails?: boolean
}

/** Which onboardings that go on are concerned: one statement. One whose customer was merged is always looked at. */
export const runningConcerned = async (tx: Transaction, orgId: string, news: News): Promise<string[]> => {
  const { deals = [], customers = [], bans = [], mails = false } = news
  const { rows } = await sql<{ id: string }>`
    select o.id from customers.onboardings o
    left join customers.customers c on c.org_id = o.org_id and c.id = o.customer_id
    where o.org_id = ${orgId}::uuid and o.state = 'RUNNING' and (
      o.deal_id = any(${deals}::uuid[]) or o.customer_id = any(${customers}::uuid[]) or c.merged_into is not null
      or exists (select from customers.identities i where i.org_id = o.org_id and i.system = 'WARP'
        and i.account_id = any(${bans}::text[]) and i.customer_id = o.customer_id)
      or (${mails} and exists (select from customers.onboarding_steps s where s.org_id = o.org_id and s.onboarding_id = o.id
        and s.step = 'WELCOME_MAIL' and s.state = 'WAITING')))
    order by o.id`.execute(tx)
  return rows.map(({ id }) => id)
}
