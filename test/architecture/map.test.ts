import { describe, expect, it } from 'vitest'
import { openHouse, plant } from './house.ts'
import { imports } from './rules/imports.ts'

const manifest = openHouse().text('package.json')

/** Files that every planted tree has, so that each violation has something real to open. */
const ground: Record<string, string> = {
  'package.json': manifest,
  'kernel/clock.ts': 'export const clock = 1',
  'db/client.ts': "import { clock } from '#kernel/clock.ts'\nexport const client = clock",
  'connectors/contract.ts': 'export interface Page { next: string }',
  'connectors/hubspot/index.ts': "export { wire } from './wire.ts'",
  'connectors/hubspot/wire.ts': 'export const wire = 1',
  'connectors/hubspot/simulator/index.ts': "import { wire } from '../wire.ts'\nexport const simulator = wire",
  'connectors/c3/index.ts': 'export const c3 = 1',
  'connectors/simulator/index.ts': 'export const frame = 1',
  'events/outbox.ts': "import { client } from '#db/client.ts'\nexport const publish = client",
  'sync/engine.ts': "import { publish } from '#events/outbox.ts'\nexport const engine = publish",
  'service/server.ts': "import { publish } from '#events/outbox.ts'\nexport const serve = publish",
  'service/loader.ts': 'export const loader = 1',
  'control/plan.ts':
    "import { engine } from '#sync/engine.ts'\nimport { serve } from '#service/server.ts'\nexport const plan = [engine, serve]",
  'control/rows.ts': 'export type Row = 1',
  'control/policy-versions.ts': "import { client } from '#db/client.ts'\nexport const versions = client",
  'schema/events.ts': 'export const event = 1',
  'schema/generated/customers.ts':
    "import type { Context } from '../../subgraphs/customers/context.ts'\nimport type { Row } from '../../control/rows.ts'\nexport type Resolvers = [Context, Row]",
  'operations/build.ts': 'export const build = 1',
  'operations/generated/documents.ts': 'export const documents = 1',
  'gateway/execute.ts': "import { event } from '#schema/events.ts'\nexport const execute = event",
  'subgraphs/customers/context.ts':
    "import { client } from '#db/client.ts'\nexport interface Context { client: typeof client }\nexport const context = client",
  'subgraphs/customers/index.ts': "export { Query } from './resolvers/Query.ts'",
  'subgraphs/customers/config.ts': 'export const config = 1',
  'subgraphs/customers/domain/name.ts': 'export const name = 1',
  'subgraphs/customers/store/names.ts':
    "import { client } from '#db/client.ts'\nimport { versions } from '#control/policy-versions.ts'\nimport { name } from '../domain/name.ts'\nexport const names = [client, versions, name]",
  'subgraphs/customers/commands/rename.ts':
    "import type { Context } from '../context.ts'\nimport { plan } from '#control/plan.ts'\nimport { publish } from '#events/outbox.ts'\nimport { event } from '#schema/events.ts'\nimport { names } from '../store/names.ts'\nimport { task } from '../jobs/definitions.ts'\nexport const rename = (_: Context) => [plan, publish, event, names, task]",
  'subgraphs/customers/sync/company.ts':
    "import { engine } from '#sync/engine.ts'\nimport { wire } from '#connectors/hubspot/index.ts'\nexport const company = [engine, wire]",
  'subgraphs/customers/jobs/definitions.ts': 'export const task = 1',
  'subgraphs/customers/jobs/pull.ts':
    "import { company } from '../sync/company.ts'\nexport const pull = company",
  'subgraphs/customers/resolvers/Query.ts':
    "import { rename } from '../commands/rename.ts'\nimport { plan } from '#control/plan.ts'\nimport type { Resolvers } from '#schema/generated/customers.ts'\nexport const Query = [rename, plan] as unknown as Resolvers",
  'subgraphs/customers/routes/webhook.ts':
    "import { company } from '../sync/company.ts'\nexport const webhook = company",
  'subgraphs/insights/domain/score.ts': 'export const score = 1',
  'bench/run.ts': "import { clock } from '#kernel/clock.ts'\nexport const run = clock",
  'main.ts':
    "import { simulator } from '#connectors/hubspot/simulator/index.ts'\nimport { Query } from '#subgraphs/customers/index.ts'\nexport const main = [simulator, Query]",
  'test/kit/hub.ts':
    "import { main } from '../../main.ts'\nexport const hub = async () => {\n  await using started = main as never\n  return started\n}",
}

/** rule, the file that breaks it, what it imports */
const violations: [rule: string, file: string, imported: string][] = [
  ['floor kernel', 'kernel/planted.ts', '#db/client.ts'],
  ['floor kernel', 'kernel/planted-too.ts', '#schema/events.ts'],
  ['floor telemetry', 'telemetry/planted.ts', '#db/client.ts'],
  ['floor db', 'db/planted.ts', '#events/outbox.ts'],
  ['floor connectors', 'connectors/hubspot/planted.ts', '#sync/engine.ts'],
  ['floor connectors', 'connectors/hubspot/planted-too.ts', '#db/client.ts'],
  ['floor events', 'events/planted.ts', '#schema/events.ts'],
  ['floor sync', 'sync/planted.ts', '#connectors/hubspot/index.ts'],
  ['floor sync', 'sync/planted-too.ts', '#subgraphs/customers/domain/name.ts'],
  ['floor service', 'service/planted.ts', '#sync/engine.ts'],
  ['floor service', 'service/planted-too.ts', '#subgraphs/customers/index.ts'],
  ['floor control', 'control/planted.ts', '#subgraphs/customers/domain/name.ts'],
  ['floor control', 'control/planted-too.ts', '#schema/events.ts'],
  ['floor control', 'control/planted-three.ts', '#connectors/hubspot/index.ts'],
  ['floor sync', 'sync/planted-three.ts', '#control/plan.ts'],
  ['floor service', 'service/planted-three.ts', '#control/plan.ts'],
  ['floor gateway', 'gateway/planted-five.ts', '#control/plan.ts'],
  ['floor schema', 'schema/planted.ts', '#service/server.ts'],
  ['floor operations', 'operations/planted.ts', '#gateway/execute.ts'],
  ['floor gateway', 'gateway/planted.ts', '#subgraphs/customers/domain/name.ts'],
  ['floor gateway', 'gateway/planted-too.ts', '#db/client.ts'],
  ['floor gateway', 'gateway/planted-three.ts', '#connectors/hubspot/index.ts'],
  ['floor console', 'console/planted.ts', '../kernel/clock.ts'],
  ['floor bench', 'bench/planted.ts', '#subgraphs/customers/index.ts'],
  ['subgraph', 'subgraphs/customers/planted/sibling.ts', '#subgraphs/insights/domain/score.ts'],
  ['subgraph', 'subgraphs/insights/domain/planted.ts', '#subgraphs/customers/domain/name.ts'],
  ['subgraph', 'subgraphs/customers/planted/gateway.ts', '#gateway/execute.ts'],
  ['room resolvers', 'subgraphs/customers/resolvers/Planted.ts', '#db/client.ts'],
  ['room resolvers', 'subgraphs/customers/resolvers/PlantedToo.ts', '../sync/company.ts'],
  ['room routes', 'subgraphs/customers/routes/planted.ts', '../store/names.ts'],
  ['room commands', 'subgraphs/customers/commands/planted.ts', '#db/client.ts'],
  ['room commands', 'subgraphs/customers/commands/planted-too.ts', '../jobs/pull.ts'],
  ['room domain', 'subgraphs/customers/domain/planted-five.ts', '#control/plan.ts'],
  ['room sync', 'subgraphs/customers/sync/planted-four.ts', '#control/plan.ts'],
  ['room store', 'subgraphs/customers/store/planted-three.ts', '#control/plan.ts'],
  ['room domain', 'subgraphs/customers/domain/planted.ts', '../store/names.ts'],
  ['room domain', 'subgraphs/customers/domain/planted-too.ts', '#events/outbox.ts'],
  ['room store', 'subgraphs/customers/store/planted.ts', '../commands/rename.ts'],
  ['room store', 'subgraphs/customers/store/planted-too.ts', '#events/outbox.ts'],
  ['room sync', 'subgraphs/customers/sync/planted.ts', '#connectors/hubspot/wire.ts'],
  ['room sync', 'subgraphs/customers/sync/planted-too.ts', '../resolvers/Query.ts'],
  ['room jobs', 'subgraphs/customers/jobs/planted.ts', '../resolvers/Query.ts'],
  ['types of the promise', 'schema/generated/customers-planted-too.ts', '#control/plan.ts'],
  [
    'types of the promise',
    'schema/generated/customers-planted.ts',
    '#subgraphs/customers/commands/rename.ts',
  ],
  ['promises do not run', 'schema/generated/hub.ts', '#subgraphs/customers/context.ts'],
  ['context is a type', 'subgraphs/customers/commands/planted-three.ts', '../context.ts'],
  ['pure domain', 'subgraphs/customers/domain/planted-three.ts', 'node:fs'],
  ['pure domain', 'subgraphs/customers/domain/planted-four.ts', 'kysely'],
  ['one vendor', 'connectors/hubspot/planted-three.ts', '#connectors/c3/index.ts'],
  ['simulators', 'connectors/hubspot/planted-four.ts', './simulator/index.ts'],
  ['simulators', 'connectors/planted.ts', './simulator/index.ts'],
  ['simulators', 'subgraphs/customers/sync/planted-three.ts', '#connectors/hubspot/simulator/index.ts'],
  ['tests are not imported', 'kernel/planted-three.ts', '#test/kit/hub.ts'],
  ['tests are not imported', 'bench/planted-too.ts', '#test/kit/hub.ts'],
  ['benchmarks are not imported', 'gateway/planted-four.ts', '../bench/run.ts'],
  ['main is not imported', 'subgraphs/customers/planted/main.ts', '../../../main.ts'],
  ['resolvable', 'kernel/planted-four.ts', './nowhere.ts'],
  ['resolvable', 'kernel/planted-four-too.ts', 'no-such-package'],
  ['declared packages', 'kernel/planted-five.ts', 'semver'],
  ['packages of production', 'kernel/planted-six.ts', 'kysely-codegen'],
]

const importing = (imported: string): string =>
  `import * as it from '${imported}'\nexport const planted = it\n`

describe('the map', () => {
  it('accepts a house in which every import goes the way the law says', async () => {
    using house = plant(ground)
    const { findings } = await imports(house)
    expect(findings).toEqual([])
  })

  it('objects to every planted violation by the name of the law it breaks', async () => {
    using house = plant({
      ...ground,
      ...Object.fromEntries(violations.map(([, file, imported]) => [file, importing(imported)])),
      'kernel/circle.ts': "import { other } from './other.ts'\nexport const circle = () => other",
      'kernel/other.ts': "import { circle } from './circle.ts'\nexport const other = () => circle",
    })
    const { findings } = await imports(house)
    const missed = violations.filter(
      ([rule, file]) =>
        !findings.some(({ where, says }) => where.startsWith(`${file} →`) && says.startsWith(`[${rule}]`)),
    )
    expect(missed).toEqual([])
    expect(findings.some(({ says }) => says.startsWith('[no circles]'))).toBe(true)
  })

  it('sees an edge that is only a type, only dynamic, or behind a using declaration', async () => {
    using house = plant({
      ...ground,
      'kernel/type-only.ts': "import type { Page } from '#connectors/contract.ts'\nexport type P = Page",
      'kernel/dynamic.ts':
        "export const late = async () => {\n  await using it = (await import('#db/client.ts')) as never\n  return it\n}",
    })
    const { findings } = await imports(house)
    expect(findings.map(({ where }) => where.split(' ')[0]).sort()).toEqual([
      'kernel/dynamic.ts',
      'kernel/type-only.ts',
    ])
  })

  it('fails when the cruiser does not see a source, rather than passing on nothing', async () => {
    using house = plant({ ...ground, 'kernel/.hidden/unseen.ts': 'export const unseen = 1' })
    const { findings } = await imports({ ...house, files: [...house.files, 'kernel/unseen.ts'] })
    expect(findings).toEqual([expect.objectContaining({ where: 'kernel/unseen.ts' })])
  })

  it('sees the whole of the real house', async () => {
    const { note } = await imports(openHouse())
    expect(Number(/^(\d+) modules/.exec(note ?? '')?.[1])).toBeGreaterThan(100)
    expect(Number(/(\d+) edges/.exec(note ?? '')?.[1])).toBeGreaterThan(300)
  })

  it('teaches: every law says what to do instead', async () => {
    using house = plant({ ...ground, 'gateway/planted.ts': importing('#db/client.ts') })
    const { findings } = await imports(house)
    expect(findings.map(({ says }) => says)).toEqual([
      '[floor gateway] The gateway asks the graph: no subgraph, no database, no connector.',
    ])
  })
})
