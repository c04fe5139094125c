import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kind, parse } from 'graphql'
import { expect, it } from 'vitest'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { session } from '#db/session.ts'
import { REPOSITORY } from '#test/kit/hub.ts'
import { startWholeHub, type WholeHub } from '#test/kit/whole-hub.ts'

const read = (...path: string[]) => readFile(join(REPOSITORY, ...path), 'utf8')

/** Every mutation that a subgraph promises. */
const promised = async (subgraph: Subgraph): Promise<string[]> =>
  parse(await read('schema/generated', `${subgraph}.graphql`)).definitions.flatMap((definition) =>
    (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION) &&
    definition.name.value === 'Mutation'
      ? (definition.fields ?? []).map(({ name }) => name.value)
      : [],
  )

/** The commands that a file imports, by the names it uses them under. */
const commandsOf = (text: string, folder: RegExp): Map<string, string> =>
  new Map(
    [...text.matchAll(/import (?:type )?\{([^}]+)\} from '([^']+)'/g)].flatMap(
      ([, names = '', from = '']) => {
        const file = folder.exec(from)?.[1]
        return file
          ? names.split(',').map((name): [string, string] => [name.trim().replace(/^type /, ''), file])
          : []
      },
    ),
  )

const leavesAudit = async (subgraph: Subgraph, file: string, seen = new Set<string>()): Promise<boolean> => {
  if (seen.has(file)) return false
  seen.add(file)
  const text = await read('subgraphs', subgraph, 'commands', file)
  if (/\baudit(?:All)?\(/.test(text)) return true
  for (const next of new Set(commandsOf(text, /^\.\/(.+)$/).values()))
    if (await leavesAudit(subgraph, next, seen)) return true
  return false
}

it('every mutation of every subgraph goes through a command that leaves an audit row', async () => {
  const silent: string[] = []
  let found = 0
  for (const subgraph of SUBGRAPHS) {
    const folder = ['subgraphs', subgraph, 'resolvers']
    const files = await readdir(join(REPOSITORY, ...folder))
    const texts = await Promise.all(files.map((file) => read(...folder, file)))
    for (const mutation of await promised(subgraph)) {
      found += 1
      const text = texts.find((one) => new RegExp(`^  (async )?${mutation}(:|\\()`, 'm').test(one)) ?? ''
      const body =
        new RegExp(`^  (?:async )?${mutation}(?::|\\()[^]*?(?=^  \\w+[:(]|^\\})`, 'm').exec(text)?.[0] ?? ''
      const called = [...commandsOf(text, /\/commands\/(.+)$/)].filter(([name]) =>
        new RegExp(`\\b${name}\\(`).test(body),
      )
      const audits = await Promise.all(called.map(([, file]) => leavesAudit(subgraph, file)))
      if (!audits.includes(true)) silent.push(`${subgraph}.${mutation}`)
    }
  }
  expect(found).toBeGreaterThan(20)
  expect(silent).toEqual([])
})

const audited = async (hub: WholeHub) =>
  (
    await Promise.all(
      SUBGRAPHS.map((name) =>
        session(hub.databases[name].adminUrl, async (client) => {
          const { rows } = await client.query<{
            who_id: string
            action: string
            subject_id: string
            diff: unknown
          }>('select who_id, action, subject_id, diff from service.audit_log')
          return rows
        }),
      ),
    )
  ).flat()

it('writes down who did what to which record, whichever subgraph did it, and none of the personal values', async () => {
  await using hub = await startWholeHub({ companies: 5 })
  await hub.synced()
  const { data } = await hub.ask('{ integrations { id system } }')
  const hubspot = data.integrations.find((one: { system: string }) => one.system === 'HUBSPOT').id
  const done: [mutation: string, args: string][] = [
    ['createApiKey', '(name: "k", scopes: ["customers:read"]) { __typename }'],
    [
      'createBillingAccount',
      '(input: { ban: "BAN-CANARY", name: "Name Canary", numbers: [{ number: "+13035551007", cnam: "CANARY" }] }) { __typename }',
    ],
    [
      'createTrunk',
      '(ban: "BAN-CANARY", input: { name: "t", ipAddresses: ["192.0.2.7"], concurrentCalls: 1, monthlyMinutes: 1 }) { __typename }',
    ],
    [
      'createPhoneNumber',
      '(ban: "BAN-CANARY", input: { number: "+13035551008", cnam: "CANARY" }) { __typename }',
    ],
    ['startC3Sync', '(mode: INCREMENTAL) { __typename }'],
    ['startHubSpotSync', '(mode: INCREMENTAL) { __typename }'],
    ['pauseIntegration', `(integrationId: "${hubspot}", direction: OUT) { __typename }`],
    ['resumeIntegration', `(integrationId: "${hubspot}", direction: OUT) { __typename }`],
    ['exportPerson', '(subject: { email: "canary@mail-canary.example" }) { __typename }'],
    ['erasePerson', '(subject: { email: "canary@mail-canary.example" }, reason: LEGAL_DUTY) { __typename }'],
    [
      'liftSuppression',
      '(subject: { email: "canary@mail-canary.example" }, reason: NEW_RELATIONSHIP) { __typename }',
    ],
  ]
  for (const [mutation, args] of done) {
    const before = await audited(hub)
    const { data, errors } = await hub.ask(
      `mutation { ${mutation}${args.replace('__typename', '__typename ... on Refusal { message }')} }`,
    )
    expect(errors, mutation).toBeUndefined()
    expect(data[mutation].message, mutation).toBeUndefined()
    const after = await audited(hub)
    const mine = after.filter(({ who_id }) => who_id === 'demo:admin')
    expect(mine.length, mutation).toBeGreaterThan(
      before.filter(({ who_id }) => who_id === 'demo:admin').length,
    )
    expect(after.every(({ action, subject_id }) => action && subject_id)).toBe(true)
  }
  expect(JSON.stringify(await audited(hub)).replaceAll('BAN-CANARY', '')).not.toMatch(/canary|\+1303555100/i)
})
