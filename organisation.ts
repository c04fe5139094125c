/**
 * `npm run organisation -- create --slug acme --name "Acme Ltd" --time-zone Europe/Berlin --admin "Ada Lovelace" --email ada@acme.example`
 * makes an organisation in a hub that runs, with its first administrator; `invite` (--slug, --admin, --email) invites another one.
 * `--person` with the person's id at the identity provider stands in for `--email`. Exit code 0, or 1 with the reason.
 */
import { parseArgs } from 'node:util'
import { askHub } from '#gateway/asking-hub.ts'
import { loadEnvironmentFile } from '#gateway/config.ts'
import { systemClock } from '#kernel/clock.ts'
import { ConfigError } from '#kernel/config.ts'
import { principalSeal } from '#kernel/principal.ts'
import { type HubConfig, readHubConfig, readSecrets } from './config.ts'
import { Unusable } from './processes.ts'

const USAGE = `Usage:
  npm run organisation -- create --slug <short name> --name <name> --time-zone <such as Europe/Berlin> --admin <name> --email <address>
  npm run organisation -- invite --slug <short name> --admin <name> --email <address>
--person <id at the identity provider> may stand in for --email.
`
const OPERATOR = { kind: 'system', id: 'system:operator', orgId: null, scopes: ['*'] } as const

interface Answer {
  __typename: string
  message?: string
  organisation: { slug: string; name: string; timeZone: string }
  isNew: boolean
  admin: { state: 'INVITED' | 'ACTIVE'; invitedUntil: string | null } | null
}

/** What the command line asks for, and under which address of hub; undefined when it says too little. */
const readOrders = (): { path: string; body: object; email: string | undefined } | undefined => {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    options: { slug: text, name: text, 'time-zone': text, admin: text, email: text, person: text },
    allowPositionals: true,
  })
  const { slug, name, 'time-zone': timeZone, admin: called, email, person } = values
  if (!slug || !called || (email === undefined) === (person === undefined)) return undefined
  const admin = { name: called, ...(email === undefined ? { personId: person } : { email }) }
  if (positionals.join() === 'invite' && !name && !timeZone)
    return { path: '/organisations/admins', body: { slug, admin }, email }
  return positionals.join() === 'create' && name && timeZone
    ? { path: '/organisations', body: { slug, name, timeZone, admin }, email }
    : undefined
}

const ask = async (config: HubConfig, path: string, body: object): Promise<Answer> => {
  const hubUrl = config.siblings.hub
  const { secret } = await readSecrets(config)
  const response = await askHub(
    { hubUrl, seal: principalSeal(secret, systemClock) },
    path,
    body,
    OPERATOR,
  ).catch(() => undefined)
  if (!response) throw new Unusable(`Hub does not answer at ${hubUrl}. Start the hub first, or set HUB_URL.`)
  if (response.status === 401)
    throw new Unusable(
      `Hub at ${hubUrl} does not know this machine. Set HUB_SECRET or TRIBUTARY_HOME to its own.`,
    )
  const answer = (await response.json()) as Answer
  if (answer.__typename !== 'OrganisationReady') throw new Unusable(answer.message ?? 'Hub has refused it.')
  return answer
}

/** What came of it, in words; the invitation is shown here and nowhere else. */
const inWords = (
  config: HubConfig,
  { organisation, isNew, admin }: Answer,
  email: string | undefined,
): string => {
  const { slug, name, timeZone } = organisation
  const made = `${name} (${slug}, ${timeZone}) ${isNew ? 'is made' : 'is there already'}.\n`
  if (!admin) return `${made}It has an administrator, who invites everybody else: nothing was changed.\n`
  const base = (config.edge.publicUrl ?? config.gateway).replace(/\/+$/, '')
  const way = config.client
    ? `  ${base}/auth/sign-in?org=${slug}\n`
    : '  No browser can sign in yet: set OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, see docs/signing-in.md.\n'
  return admin.state === 'ACTIVE'
    ? `${made}Its administrator may sign in at once:\n${way}`
    : `${made}Tell its administrator, since the hub sends no mail. Whoever signs in as ${email} before ${admin.invitedUntil} administers it:\n${way}`
}

const main = async (): Promise<number> => {
  const orders = readOrders()
  if (!orders) {
    process.stderr.write(USAGE)
    return 2
  }
  loadEnvironmentFile()
  const config = readHubConfig()
  const answer = await ask(config, orders.path, orders.body)
  process.stdout.write(inWords(config, answer, orders.email))
  return 0
}

if (import.meta.main)
  try {
    process.exitCode = await main()
  } catch (error) {
    const isForPeople = error instanceof Unusable || error instanceof ConfigError
    const isUsage = error instanceof TypeError && 'code' in error
    if (!isForPeople && !isUsage) throw error
    process.stderr.write(`${error.message}\n${isUsage ? USAGE : ''}`)
    process.exitCode = isUsage ? 2 : 1
  }
