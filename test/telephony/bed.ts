/** A telephony subgraph answered by two processes over one database, with two accounts that have a trunk each. */
import { sql } from 'kysely'
import type { DB } from '#db/generated/telephony.ts'
import { systemClock } from '#kernel/clock.ts'
import { type Principal, principalSeal } from '#kernel/principal.ts'
import type { StartOptions } from '#service/start.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { askSubgraph, DEMO, principal, SHARED_SECRET, startWith, TEST_KEY } from '#test/kit/subgraph.ts'

const OPEN = /* GraphQL */ `
  mutation ($input: BillingAccountInput!) {
    createBillingAccount(input: $input) {
      ... on BillingAccountCreated { account { ban trunks { nodes { id } } } }
      ... on Refusal { message }
    }
  }`

export const telephonyBed = async (
  options: Partial<StartOptions> & { encryptionKeys?: readonly string[] | null } = {},
) => {
  await using stack = new AsyncDisposableStack()
  const { encryptionKeys = [TEST_KEY], ...start } = options
  const clock = start.clock ?? systemClock
  const test = stack.use(await testDatabase<DB>('telephony'))
  const statements: string[] = []
  const begin = async (role: Partial<StartOptions>) =>
    stack.use(
      await startTelephony({
        ...startWith(test.urls, { ...role, ...start }),
        ...(encryptionKeys ? { encryptionKeys } : {}),
      }),
    )
  // What is done by the clock is done apart: it would be counted with what somebody asks for.
  await begin({ api: false })
  const asked = { worker: false, onStatement: (text: string) => statements.push(text) }
  const urls = [(await begin(asked)).url, (await begin(asked)).url]
  const seal = principalSeal(SHARED_SECRET, clock)
  /** The whole answer. `process`: which of the two is asked. */
  const answer = (
    text: string,
    variables: Record<string, unknown> = {},
    { caller = principal(), process = 0 }: { caller?: Principal; process?: number } = {},
  ) => askSubgraph(urls[process] ?? null, text, variables, caller, seal)
  /** What its first field answers. @throws when there are errors */
  const ask = async (...asked: Parameters<typeof answer>) => {
    const { data, errors } = await answer(...asked)
    if (errors) throw new Error(JSON.stringify(errors))
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
    return Object.values(data)[0] as any
  }
  const open = async (ban: string, host: number): Promise<{ ban: string; trunkId: string }> => {
    const trunk = {
      name: 'Main',
      ipAddresses: [`198.51.100.${host}`],
      concurrentCalls: 10,
      monthlyMinutes: 1000,
    }
    const { account } = await ask(OPEN, { input: { ban, name: `Account ${ban}`, trunks: [trunk] } })
    return { ban, trunkId: account.trunks.nodes[0].id }
  }
  const [first, second] = [await open('A-1', 1), await open('A-2', 2)]
  const rows = <T>(text: string) =>
    test.database.read(DEMO, async (tx) => (await sql<T>`${sql.raw(text)}`.execute(tx)).rows)
  const all = stack.move()
  return {
    ...{ test, database: test.database, urls, statements, answer, ask, rows, first, second, clock },
    /** Gives a number to the first account. @returns its id */
    give: async (number: string, more: object = {}): Promise<string> => {
      const given = await ask(
        `mutation ($input: PhoneNumberInput!) { createPhoneNumber(ban: "A-1", input: $input) {
          ... on PhoneNumberCreated { phoneNumber { id } } ... on Refusal { message } } }`,
        { input: { number, capabilities: ['VOICE', 'SMS'], ...more } },
      )
      if (!given.phoneNumber) throw new Error(given.message)
      return given.phoneNumber.id
    },
    /** Everything that was told of some name, oldest first. */
    told: async (name: string) =>
      (
        await rows<{ payload: Record<string, unknown> }>(
          `select payload from events.recorded where name = '${name}' order by batch, place`,
        )
      ).map(({ payload }) => payload),
    audits: (subject: string) =>
      rows<{ action: string; diff: Record<string, [unknown, unknown]> }>(
        `select action, diff from service.audit_log where subject_id = '${subject}' order by id`,
      ),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type TelephonyBed = Awaited<ReturnType<typeof telephonyBed>>
