/** Who may do what: every operation of the catalogue, asked by each role and by keys of a few scopes, through every door. */
import { type DocumentNode, parse } from 'graphql'
import { SUBGRAPHS } from '#db/databases.ts'
import { session } from '#db/session.ts'
import { loadManifest, type Operation } from '#operations/manifest.ts'
import { type AccessTables, allowance, demandOf } from '#operations/permissions.ts'
import access from '#schema/generated/access.json' with { type: 'json' }
import { READS, ROLES, scopesOf } from '#schema/roles.ts'
import { argumentsFor } from '../kit/arguments.ts'
import { subscribe } from '../kit/gateway.ts'
import { apiSchema, type Samples } from '../kit/probes.ts'
import { until } from '../kit/until.ts'
import type { WholeHub } from '../kit/whole-hub.ts'
import { type Asked, DOORS } from './doors.ts'

export interface Holder {
  who: string
  scopes: readonly string[]
  token: string
}

/** Somebody of each role, a key that reads, and one that writes one thing. */
export const holdersOf = async (hub: WholeHub): Promise<Holder[]> => {
  const make = `mutation ($scopes: [String!]!) {
    createApiKey(name: "matrix", scopes: $scopes) { ... on ApiKeyCreated { secret } } }`
  const keyOf = async (who: string, scopes: readonly string[]): Promise<Holder> => {
    const { data } = await hub.ask(make, { scopes })
    return { who, scopes, token: data.createApiKey.secret }
  }
  const holders = await Promise.all([
    ...ROLES.map(async (role) => ({ who: role, scopes: scopesOf([role]), token: await hub.token(role) })),
    keyOf('a key that reads', READS),
    keyOf('a key that writes one thing', ['telephony:write']),
  ])
  // Whoever comes for the first time is noted as a member, and a key as used.
  for (const { token } of holders) await hub.ask('{ viewer { id } }', {}, { token })
  return holders
}

/** What was answered otherwise than the scopes say, and how much was looked at. */
export interface Findings {
  wrong: unknown[]
  refused: number
  allowed: number
}

/** How many acts of people and keys each part has written down: every mutation that is done leaves one. */
export const deedsOf = async (hub: WholeHub): Promise<Record<string, number>> =>
  Object.fromEntries(
    await Promise.all(
      SUBGRAPHS.map(async (name) => {
        const sql = `select count(*)::integer as acts from service.audit_log where who_kind in ('user', 'key')`
        const { rows } = await session(hub.databases[name].adminUrl, (client) => client.query(sql))
        return [name, rows[0].acts as number] as const
      }),
    ),
  )

const { operations } = loadManifest()
const schema = apiSchema()
const PLAN = { 'x-hub-plan': 'true' }

/** What each operation asks of its caller, worked out once: whether somebody may ask it is looked up some fifty thousand times. */
const demands = new Map(
  operations.map(({ name, text }) => [
    name,
    demandOf(parse(text) as DocumentNode, schema, access as AccessTables),
  ]),
)

const mayAsk = ({ name }: Operation, scopes: readonly string[]): 'yes' | 'in part' | 'no' =>
  allowance(demands.get(name)!, scopes)

/** Whether the answer says that the whole of it is refused. */
const isRefusal = ({ answered }: Asked): boolean => {
  const { errors, error, code } = JSON.parse(answered) as {
    errors?: { path?: unknown[]; extensions?: { code?: string }; code?: string }[]
    error?: { code: string }
    code?: string
  }
  if ([error?.code, code].includes('FORBIDDEN')) return true
  return (errors ?? []).some(({ path, extensions }) => path?.length === 1 && extensions?.code === 'FORBIDDEN')
}

const AT_ONCE = 6

/** Does it for all of them, some at a time. */
const each = async <T>(all: readonly T[], look: (one: T) => Promise<void>): Promise<void> => {
  const rest = all.values()
  const lane = async () => {
    for (const one of rest) await look(one)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

/**
 * Asks everything that is asked and done of the catalogue. The graph is asked by each holder: in earnest for what is refused; what is
 * allowed is planned where it changes something, and those who may do nearly everything ask only for what nobody else may. By REST
 * and as a tool each operation is asked by one of those who are refused it.
 */
export const askAround = async (
  hub: WholeHub,
  holders: readonly Holder[],
  samples: Samples,
): Promise<Findings> => {
  const found: Findings = { wrong: [], refused: 0, allowed: 0 }
  const asked = operations
    .filter(({ kind }) => kind !== 'subscription')
    .map((operation, n) => ({ operation, n, args: argumentsFor(operation, schema, samples) }))
  const refusedTo = ({ operation }: (typeof asked)[number]) =>
    holders.filter(({ scopes }) => mayAsk(operation, scopes) === 'no')
  const turns = (one: (typeof asked)[number]) => refusedTo(one)[one.n % (refusedTo(one).length || 1)]
  for (const holder of holders) {
    const { who, scopes, token } = holder
    const no = asked.filter(({ operation }) => mayAsk(operation, scopes) === 'no')
    const isMighty = who === 'ADMIN' || who === 'OPERATOR'
    const yes = asked.filter((one) => !no.includes(one) && (!isMighty || refusedTo(one).length > 4))
    for (const [name, open] of Object.entries(DOORS)) {
      await using door = await open(hub, { token })
      await each(
        name === 'graph' ? no : no.filter((one) => turns(one) === holder),
        async ({ operation, args }) => {
          for (const answer of await door.ask(operation, args)) {
            found.refused++
            if (!isRefusal(answer))
              found.wrong.push([who, name, answer.name, 'is not refused', answer.answered])
          }
        },
      )
    }
    await using graph = await DOORS.graph(hub, { token, headers: PLAN })
    await each(yes, async ({ operation, args }) => {
      for (const answer of await graph.ask(operation, args)) {
        found.allowed++
        const isWhole = mayAsk(operation, scopes) === 'yes'
        if (isWhole ? answer.answered.includes('"FORBIDDEN"') : isRefusal(answer))
          found.wrong.push([who, answer.name, 'is refused', answer.answered])
      }
    })
  }
  return found
}

/** Says what nobody may do who only reads customers, in the words that mean it. What is not clear is asked back, and done no more. */
export const sayAround = async (hub: WholeHub, { who, scopes, token }: Holder): Promise<Findings> => {
  const found: Findings = { wrong: [], refused: 0, allowed: 0 }
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  await each(
    operations.filter((one) => mayAsk(one, scopes) === 'no'),
    async ({ name, intents: [text] }) => {
      if (text === undefined) return
      const response = await fetch(`${hub.url}/chat`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ text }),
      })
      const said = (await response.json()) as {
        kind: string
        code?: string
        operation: { name: string } | null
      }
      if (said.code === 'FORBIDDEN') found.refused++
      else if (['ANSWER', 'PLAN'].includes(said.kind) && said.operation?.name === name)
        found.wrong.push([who, name, said])
    },
  )
  return found
}

/** Whoever may follow something is told that this is no cursor; whoever may not is refused before it is looked at. */
const NO_CURSOR = 'no cursor'

/** The same for everything that can be followed. */
export const followAround = async (
  hub: WholeHub,
  holders: readonly Holder[],
  samples: Samples,
): Promise<Findings> => {
  const found: Findings = { wrong: [], refused: 0, allowed: 0 }
  const followed = operations.filter(({ kind }) => kind === 'subscription')
  for (const { who, scopes, token } of holders)
    await each(followed, async (operation) => {
      const args = { ...argumentsFor(operation, schema, samples), after: NO_CURSOR }
      await using socket = subscribe(hub.url, token, operation.text, args)
      await until(() => socket.failures.length + socket.results.length + socket.closed.length > 0)
      const said = JSON.stringify([socket.failures, socket.results])
      const may = mayAsk(operation, scopes) !== 'no'
      if (may) found.allowed++
      else found.refused++
      if (said.includes('"FORBIDDEN"') === may) found.wrong.push([who, operation.name, said])
    })
  return found
}
