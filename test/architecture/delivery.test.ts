import { describe, expect, it } from 'vitest'
import { rules } from './check.ts'
import { openHouse, plant } from './house.ts'
import { testTime } from './rules/budget.ts'

const verdict = async (rule: string, files: Record<string, string>): Promise<string[]> => {
  using house = plant(files)
  const { findings } = await rules[rule]!(house)
  return findings.map(({ where, says }) => `${where}: ${says}`)
}

describe('lock', () => {
  const planted = (manifest: object, packages: object) =>
    verdict('lock', {
      'package.json': JSON.stringify(manifest),
      'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages }),
    })

  it('accepts exact pins whose dependencies are all locked, nested ones included', async () => {
    const dependencies = { '@a/b': '1.0.0' }
    expect(
      await planted(
        { dependencies },
        {
          '': { dependencies },
          'node_modules/@a/b': { version: '1.0.0', dependencies: { c: '^2.0.0', d: '^1.0.0' } },
          'node_modules/@a/b/node_modules/c': { version: '2.0.0', dependencies: { d: '^1.0.0' } },
          'node_modules/d': { version: '1.0.0', resolved: 'https://registry.npmjs.org/d/-/d-1.0.0.tgz' },
        },
      ),
    ).toEqual([])
  })

  it('refuses what npm ci would refuse: a platform package that is not locked, or two files that disagree', async () => {
    const dependencies = { tool: '1.0.0', other: '2.0.0' }
    expect(
      await planted(
        { dependencies },
        {
          '': { dependencies: { tool: '1.0.0', other: '1.0.0' } },
          'node_modules/tool': {
            version: '1.0.0',
            optionalDependencies: { '@tool/linux-arm64-musl': '1.0.0' },
          },
          'node_modules/other': { version: '1.0.0' },
        },
      ),
    ).toEqual([
      'package-lock.json: other: the lock says 1.0.0, package.json 2.0.0',
      'package-lock.json: node_modules/tool needs @tool/linux-arm64-musl, which is not locked',
    ])
  })

  it('refuses a range and a private mirror', async () => {
    const devDependencies = { tool: '^1.0.0' }
    expect(
      await planted(
        { devDependencies },
        {
          '': { devDependencies },
          'node_modules/tool': { version: '1.0.0', resolved: 'https://mirror.example/tool-1.0.0.tgz' },
        },
      ),
    ).toEqual([
      'package.json: tool is pinned to "^1.0.0": pin one exact version',
      'package-lock.json: node_modules/tool comes from mirror.example',
    ])
  })
})

describe('scripts', () => {
  it('refuses a script whose file does not exist, or that would not run on a fresh clone', async () => {
    const planted = {
      prestart: 'node install.mjs',
      start: 'node_modules/.bin/node main.ts --flag',
      sync: 'node_modules/.bin/node gateway/sync.ts && node_modules/.bin/node node_modules/a/b.mjs',
    }
    const files = { 'package.json': JSON.stringify({ scripts: planted }), 'main.ts': '', 'install.mjs': '' }
    expect(await verdict('scripts', files)).toEqual([
      'package.json › sync: gateway/sync.ts does not exist',
      'package.json › sync: needs "presync": "node install.mjs", to run on a fresh clone',
    ])
  })
})

describe('environment example', () => {
  const config =
    "import { int, text, url } from '#kernel/config.ts'\nexport const spec = (name: string) => ({ port: int('PORT', 4000), db: url(`${name}_DATABASE_URL`), not: text('lower') })"

  it('names every variable that is read, computed names included, with its meaning', async () => {
    const example =
      '# Port.\nPORT=4000\n\n# Database of a subgraph.\n# HUB_DATABASE_URL=\n# CUSTOMERS_DATABASE_URL=\n'
    expect(
      await verdict('environment example', { 'gateway/config.ts': config, '.env.example': example }),
    ).toEqual([])
  })

  it('refuses a variable that is missing, unread or unexplained', async () => {
    const example = '# Unread.\nNOT_READ=1\n\nHUB_DATABASE_URL=\n'
    expect(
      await verdict('environment example', { 'gateway/config.ts': config, '.env.example': example }),
    ).toEqual([
      'gateway/config.ts: PORT is not in .env.example',
      '.env.example:2: no config.ts reads NOT_READ',
      '.env.example:4: HUB_DATABASE_URL lacks a comment that says what it means',
    ])
  })
})

describe('compose', () => {
  const compose = [
    'x-environment: &environment',
    '  HUB_SECRET: a',
    'services:',
    '  postgres:',
    '    environment:',
    '      POSTGRES_PASSWORD: a',
    '  gateway:',
    '    <<: *hub',
    "    command: ['gateway', '--api']",
    '    environment:',
    '      PORT: 4000',
    '',
  ].join('\n')
  const main = "export const roles = { all: 1, gateway: 2, 'customers': 3 }\n"

  it('accepts roles that main.ts knows and variables that are explained', async () => {
    const files = {
      'docker-compose.yml': compose,
      'main.ts': main,
      '.env.example': '# Port.\nPORT=1\n# Secret.\nHUB_SECRET=\n',
    }
    expect(await verdict('compose', files)).toEqual([])
  })

  it('refuses a role that main.ts does not know, a service without one, and a variable without meaning', async () => {
    const planted = compose.replace("'gateway'", "'gatekeeper'").concat('  customers:\n    <<: *hub\n')
    const files = { 'docker-compose.yml': planted, 'main.ts': main, '.env.example': '# Port.\nPORT=1\n' }
    expect(await verdict('compose', files)).toEqual([
      'docker-compose.yml:1: HUB_SECRET is not in .env.example',
      'docker-compose.yml:7: main.ts knows no role "gatekeeper"',
      'docker-compose.yml:12: customers names no role',
    ])
  })
})

describe('generated', () => {
  const manifest = (generate: string) => JSON.stringify({ scripts: { generate } })
  const generate = "mkdir -p schema/generated && printf '// Made by hand.' > schema/generated/made.ts"

  it('accepts files that are what their generator makes', async () => {
    expect(
      await verdict('generated', {
        'package.json': manifest(generate),
        'schema/generated/made.ts': '// Made by hand.',
      }),
    ).toEqual([])
  })

  it('refuses a file that is stale, missing or made by nobody', async () => {
    const files = {
      'package.json': manifest(generate),
      'schema/generated/made.ts': 'edited',
      'db/generated/old.ts': '',
    }
    expect(await verdict('generated', files)).toEqual([
      'db/generated/old.ts: no generator makes it: delete it',
      expect.stringContaining('schema/generated/made.ts: is not what its generator makes'),
    ])
    expect(await verdict('generated', { 'package.json': manifest(generate) })).toHaveLength(1)
  })

  it('refuses a file that does not say what made it', async () => {
    const silent = {
      'package.json': manifest('mkdir generated && printf 1 > generated/a.ts'),
      'generated/a.ts': '1',
    }
    expect(await verdict('generated', silent)).toEqual([
      expect.stringContaining('does not say "Generated by'),
    ])
  })

  it('leaves the tree as it is and fails with the generator', async () => {
    using house = plant({ 'package.json': manifest(generate), 'schema/generated/made.ts': 'edited' })
    await rules.generated!(house)
    expect(house.text('schema/generated/made.ts')).toBe('edited')
    expect(
      await verdict('generated', { 'package.json': manifest('echo no such table >&2; exit 3') }),
    ).toEqual([expect.stringMatching(/failed with code 3\nno such table/)])
  })
})

describe('test time', () => {
  const report = (endTime: number) => ({
    '.tributary/tests.json': JSON.stringify({
      startTime: 0,
      testResults: [
        { name: 'test/fast.test.ts', startTime: 0, endTime: 1000 },
        { name: 'test/slow.test.ts', startTime: 0, endTime },
      ],
    }),
  })

  it('counts the last test run together with the checks and names the slowest file', () => {
    using short = plant(report(1_150_000))
    using long = plant(report(1_151_000))
    expect(testTime(short, 50_000).findings).toEqual([])
    expect(testTime(long, 50_000).findings).toEqual([
      expect.objectContaining({
        says: expect.stringContaining('checks 50 s + tests 1151 s of 1200 s; slowest test/slow.test.ts'),
      }),
    ])
  })

  it('says so when no test has run yet', () => {
    using house = plant({})
    expect(testTime(house, 1000)).toEqual({
      findings: [],
      note: expect.stringContaining('have not run here yet'),
    })
  })
})

describe('types and biome', () => {
  const tsconfig = JSON.stringify({
    compilerOptions: {
      target: 'esnext',
      module: 'nodenext',
      noEmit: true,
      strict: true,
      types: [],
      erasableSyntaxOnly: true,
    },
    include: ['**/*.ts'],
  })

  it('refuses what TypeScript does not accept, enums included', async () => {
    const files = {
      'tsconfig.json': tsconfig,
      'package.json': '{"type":"module"}',
      'kernel/a.ts': 'export const a: string = 1\nexport enum B { C }\n',
    }
    expect(await verdict('types', files)).toEqual([
      expect.stringMatching(/^kernel\/a.ts\(1,14\): error TS2322/),
      expect.stringMatching(/^kernel\/a.ts\(2,13\): error TS1294/),
    ])
  })

  it('refuses any, default exports, suppressed types and other formats, by our own configuration', async () => {
    const config = JSON.parse(openHouse().text('biome.json'))
    const files = {
      'biome.json': JSON.stringify({ ...config, vcs: undefined }),
      'kernel/a.ts': 'export const a = (b: any) => b\n',
      'kernel/b.ts': 'export default 1\n',
      'kernel/c.ts': '// @ts-ignore\nexport const c = 1\n',
      'kernel/d.ts': 'export const d = "double";\n',
      'vitest.config.ts': 'export default 1\n',
    }
    const findings = (await verdict('biome', files)).filter((finding) => !finding.startsWith('biome.json'))
    expect(
      findings.map((finding) => /(\w+\.\w+).*\[(.*)\]/.exec(finding)?.slice(1).join(' ')).sort(),
    ).toEqual([
      'a.ts lint/suspicious/noExplicitAny',
      'b.ts lint/style/noDefaultExport',
      'c.ts lint/suspicious/noTsIgnore',
      'd.ts format',
    ])
  })
})
