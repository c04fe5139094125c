import { describe, expect, it } from 'vitest'
import { rules } from './check.ts'
import { type House, openHouse, plant } from './house.ts'

/** What the rule says of a tree with these files, as `where: says`. */
const verdict = async (rule: string, files: Record<string, string>): Promise<string[]> => {
  using house = plant(files)
  return found(rule, house)
}

const found = async (rule: string, house: House): Promise<string[]> => {
  const { findings } = await rules[rule]!(house)
  return findings.map(({ where, says }) => `${where}: ${says}`)
}

/** Where the rule objects, without line numbers. */
const places = async (rule: string, files: Record<string, string>): Promise<string[]> =>
  (await verdict(rule, files)).map((finding) => finding.split(':')[0]!)

describe('names', () => {
  it('refuses folders and files whose name could hold anything', async () => {
    const vague = [
      'kernel/utils.ts',
      'db/helpers/pool.ts',
      'gateway/common/a.ts',
      'service/shared/a.ts',
      'schema/types.ts',
      'sync/lib/a.ts',
      'scripts/build.ts',
    ]
    const files = Object.fromEntries(vague.map((file) => [file, '']))
    expect(await places('names', { ...files, 'schema/shared.graphql': '' })).toEqual(vague.sort())
  })

  it('refuses what is not kebab-case, except where a file mirrors a name of the graph', async () => {
    const wrong = [
      'db/dbClient.ts',
      'gateway/Execute.ts',
      'kernel/money_parts.ts',
      'service/audit.service.ts',
    ]
    const right = [
      'subgraphs/customers/resolvers/Customer.ts',
      'operations/CustomerByPhone.graphql',
      'operations/shapes/Health.ts',
      'test/house/quote-expiry.test.ts',
      'vitest.config.ts',
      'README.md',
      'Dockerfile',
      '.ci/run',
      '.env.example',
      'db/migrations/hub/20261120T2200-api-keys.sql',
      'schema/generated/anyThing.ts',
    ]
    expect(await places('names', Object.fromEntries([...wrong, ...right].map((file) => [file, ''])))).toEqual(
      wrong.sort(),
    )
  })

  it('refuses a migration whose name does not tell its time', async () => {
    expect(
      await places('names', { 'events/migrations/outbox.sql': '', 'events/migrations/1-outbox.sql': '' }),
    ).toHaveLength(2)
  })
})

describe('room names', () => {
  it('refuses another room, another file beside the rooms, another subgraph and another floor', async () => {
    const wrong = [
      'billing/index.ts',
      'subgraphs/customers/services/a.ts',
      'subgraphs/customers/mappers.ts',
      'subgraphs/finance/index.ts',
      'subgraphs/registry.ts',
    ]
    const right = [
      'subgraphs/customers/index.ts',
      'subgraphs/customers/store/names.ts',
      'subgraphs/hub/config.ts',
      'main.ts',
    ]
    expect(
      await places('room names', Object.fromEntries([...wrong, ...right].map((file) => [file, '']))),
    ).toEqual(wrong.sort())
  })
})

describe('kernel budget', () => {
  it('refuses a thirteenth file, a thousand and first line, a folder and a domain noun', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`kernel/file-${n}.ts`, '//\n'.repeat(80)]),
    )
    expect(await verdict('kernel budget', files)).toEqual([])
    const planted = { ...files, 'kernel/deep/file.ts': 'export const companyId = 1\n'.repeat(60) }
    expect(await verdict('kernel budget', planted)).toEqual([
      expect.stringContaining('the kernel is flat'),
      expect.stringContaining('13 files'),
      expect.stringContaining('1020 lines'),
      expect.stringContaining('"company" is a domain noun'),
    ])
  })

  it('lets a comment name an example', async () => {
    expect(
      await verdict('kernel budget', {
        'kernel/a.ts': '// such as a company\n/* or a deal */\nexport const a = 1\n',
      }),
    ).toEqual([])
  })
})

describe('neutral floors', () => {
  it('refuses a vendor, also in a comment or a migration, and a domain noun in code, but no word of another meaning', async () => {
    const wrong = {
      'control/a.ts': '// as HubSpot does\nexport const a = 1',
      'events/b.ts': 'export const rfqId = 1',
      'service/c.ts': "export const c = 'c3'",
      'sync/d.ts': 'export const stockOf = 1',
      'sync/migrations/20260101T0000-a.sql': '-- what WARP says',
    }
    const right = {
      'control/e.ts': '// such as a deal\nexport const bannedUntil = 1',
      'sync/f.ts': 'export const ban = 1',
      'subgraphs/customers/domain/g.ts': 'export const company = 1',
    }
    expect((await places('neutral floors', { ...wrong, ...right })).sort()).toEqual([
      'control/a.ts',
      'events/b.ts',
      'service/c.ts',
      'service/c.ts',
      'sync/d.ts',
      'sync/migrations/20260101T0000-a.sql',
    ])
  })
})

describe('file size', () => {
  it('refuses the 401st line, but not in generated files', async () => {
    const files = {
      'db/long.ts': '//\n'.repeat(401),
      'db/fits.ts': '//\n'.repeat(400),
      'db/generated/hub.ts': '//\n'.repeat(999),
    }
    expect(await places('file size', files)).toEqual(['db/long.ts'])
  })
})

describe('environment access', () => {
  it('refuses process.env outside of a config.ts, in whatever shape', async () => {
    const files = {
      'gateway/a.ts': 'export const a = process.env.PORT',
      'gateway/b.ts': 'const { env } = process\nexport const b = { ...process.env, env }',
      'gateway/c.ts': "import { env } from 'node:process'\nexport const c = env.PORT",
      'gateway/config.ts': 'export const config = process.env.PORT',
      'gateway/comment.ts': '// process.env is read in config.ts\nexport const text = "process.env"',
      'test/config.ts': 'export const config = process.env.PORT',
    }
    expect(await places('environment access', files)).toEqual([
      'gateway/a.ts',
      'gateway/b.ts',
      'gateway/c.ts',
    ])
  })
})

describe('machine time', () => {
  it('refuses asking the machine for the time outside of the kernel’s clock', async () => {
    const files = {
      'db/a.ts': 'export const a = Date.now()',
      'db/b.ts': 'export const b = new Date()',
      'db/c.ts': 'export const c = [1].map(Date.now)',
      'db/d.ts': 'export const d = (at: number) => new Date(at) // not new Date()',
      'kernel/clock.ts': 'export const now = () => new Date()',
    }
    expect(await places('machine time', files)).toEqual(['db/a.ts', 'db/b.ts', 'db/c.ts'])
  })
})

describe('sql time', () => {
  it('refuses now() and its kin in migrations and in the SQL of the code', async () => {
    const files = {
      'db/migrations/hub/20260101T0000-a.sql':
        '-- now() is refused\ncreate table a (at timestamptz default now());',
      'db/migrations/hub/20260101T0001-b.sql': '-- b\nupdate a set at = CURRENT_TIMESTAMP;',
      'events/a.ts': 'import { sql } from "kysely"\nexport const a = sql`select now()`',
      'events/b.ts': 'export const b = "delete from a where at < clock_timestamp() - $1"',
      'events/c.ts': 'export const c = (clock: { now(): Date }) => `at ${clock.now()}` // now()',
      'events/d.ts': 'export const known_at = "select known from a"',
    }
    expect(await verdict('sql time', files)).toEqual([
      expect.stringMatching(/^db\/migrations\/hub\/20260101T0000-a.sql:2/),
      expect.stringMatching(/^db\/migrations\/hub\/20260101T0001-b.sql:2/),
      expect.stringMatching(/^events\/a.ts:2/),
      expect.stringMatching(/^events\/b.ts:1/),
    ])
  })
})

describe('documents', () => {
  it('refuses operations and SDL outside of operations/ and schema/', async () => {
    const files = {
      'gateway/a.ts': 'declare const gql: (t: TemplateStringsArray) => unknown\nexport const a = gql`{ a }`',
      'gateway/b.ts': 'export const b = "query Name($id: ID!) { customer(id: $id) { name } }"',
      'service/c.ts': 'export const c = `\n  mutation { rename }`',
      'service/d.ts': 'export const d = `type Company { id: ID! }`',
      'service/e.ts': 'export const e = "query the type of the company {"; export type Query = { a: 1 }',
      'schema/f.ts': 'export const f = `type Company { id: ID! }`',
      'test/g.ts': 'export const g = "{ a }" + "query { a }"',
    }
    expect(await places('documents', files)).toEqual([
      'gateway/a.ts',
      'gateway/b.ts',
      'service/c.ts',
      'service/d.ts',
    ])
  })
})

describe('honesty', () => {
  it('refuses empty catches, module mocks, focused tests and types imported in passing', async () => {
    const files = {
      'db/a.ts': 'try { a() } catch {}\ndeclare const a: () => void',
      'db/b.ts': 'export const b = (p: Promise<void>) => p.catch(() => {})',
      'db/c.ts': 'export type C = import("./a.ts").A',
      'db/fine.ts': 'try { a() } catch {\n  // the row is already gone\n}\ndeclare const a: () => void',
      'test/a.test.ts': 'vi.mock("./a.ts")\ndeclare const vi: { mock(f: string): void }',
      'test/b.test.ts': 'it.only("a", () => 1)\ndeclare const it: { only(t: string, f: () => void): void }',
    }
    expect(await places('honesty', files)).toEqual([
      'db/a.ts',
      'db/b.ts',
      'db/c.ts',
      'test/a.test.ts',
      'test/b.test.ts',
    ])
  })

  it('reports a source that does not parse instead of passing over it', async () => {
    expect(await places('honesty', { 'db/a.ts': 'try { catch' })).toEqual(['db/a.ts'])
  })
})

describe('personal data', () => {
  it('refuses a second list of what is personal, and a second reader of the one there is', async () => {
    const files = {
      'gateway/a.ts': "export const PERSONAL = ['email', 'phone']",
      'service/b.ts': "export const CENSORED_FIELDS = new Set(['email', 'token'])",
      'sync/c.ts': 'const piiNames = /^(email|phone)$/',
      'service/d.ts': "import list from '#schema/generated/personal.json' with { type: 'json' }",
      'kernel/mask.ts': "import list from '#schema/generated/personal.json' with { type: 'json' }",
      'subgraphs/customers/domain/personal-map.ts': "export const PERSONAL_MAP = { a: ['email', 'phone'] }",
      'service/fine.ts': "export const isPersonal = (name: string) => ['a', 'b'].includes(name)",
    }
    expect(await places('personal data', files)).toEqual([
      'gateway/a.ts',
      'service/b.ts',
      'service/d.ts',
      'sync/c.ts',
    ])
  })
})

describe('sdl', () => {
  it('asks for a description of every type and field, from one of the subgraphs that name it', async () => {
    const files = {
      'schema/customers.graphql':
        '"A company."\ntype Customer { "Its id." id: ID! name: String }\nscalar Odd\n"What may be asked."\ninput Filter { text: String }',
      'schema/inventory.graphql':
        'type Customer { id: ID! bans: [ID!] @external rfqs: [Rfq] }\n"An inquiry."\ntype Rfq { "Its id." id: ID! }',
      'schema/generated/supergraph.graphql': 'type Bare { id: ID! }',
    }
    const findings = await verdict('sdl', files)
    expect(findings.map((finding) => finding.split(' ')[1])).toEqual([
      'Customer.name',
      'Odd',
      'Filter.text',
      'Customer.rfqs',
    ])
  })
})

describe('migrations', () => {
  it('asks for a first line that says what it does, and for one order', async () => {
    const files = {
      'db/migrations/hub/20260101T0000-a.sql': 'create table a ();',
      'db/migrations/hub/20260101T0001-b.sql': '-- hub: b\ncreate table b ();',
      'db/migrations/hub/20260101T0001-c.sql': '-- hub: c\ncreate table c ();',
      'sync/migrations/20260101T0001-d.sql': '-- sync: d\ncreate table d ();',
    }
    expect(await places('migrations', files)).toEqual([
      'db/migrations/hub/20260101T0000-a.sql',
      'db/migrations/hub/20260101T0001-c.sql',
    ])
  })
})

describe('decisions', () => {
  it('asks for numbers without a gap and for the three sections', async () => {
    const text = '# 1\n\n## Context\n\na\n\n## Choice\n\nb\n'
    const files = {
      'docs/decisions/0001-a.md': `${text}\n## What would change our mind\n\nc\n`,
      'docs/decisions/0003-b.md': text,
    }
    expect(await verdict('decisions', files)).toEqual([
      'docs/decisions/0003-b.md: the next number is 0002',
      'docs/decisions/0003-b.md: lacks the section "## What would change our mind"',
    ])
  })
})

describe('readme', () => {
  it('refuses paths and scripts that do not exist', async () => {
    const files = {
      'package.json': '{"scripts":{"start":"a"}}',
      'README.md':
        '`npm start`, `npm run fly`\n`db/` `gateway/` `POST /graphql` `main.ts` [a](docs/a.md) [b](https://example.com/b.md)\n`@apollo/gateway` `rooms/` `localhost:4000`',
      'db/client.ts': '',
      'subgraphs/hub/rooms/a.ts': '',
    }
    expect(await verdict('readme', files)).toEqual([
      'README.md:1: package.json has no script "fly"',
      'README.md:2: gateway/ does not exist',
      'README.md:2: main.ts does not exist',
      'README.md:2: docs/a.md does not exist',
    ])
  })
})

describe('capabilities', () => {
  const page = openHouse()
    .text('docs/capabilities.md')
    .replace(/^(\| [A-Z]-\d+ \|[^|]*\|).*$/gm, '$1 not yet |')
  const test = [
    "it('answers with the customer | and the deal', () => 1)",
    'it.each([1])(`repeats call ${1} once`, () => 1)',
    "it.skip('is skipped', () => 1)",
    'for (const n of [1]) it(`fault ${n}: survives`, () => 1)',
  ].join('\n')
  const planted = (cell: string) =>
    verdict('capabilities', {
      'docs/capabilities.md': page.replace(/^(\| C-01 \|[^|]*\|).*$/m, `$1 ${cell} |`),
      'test/a.test.ts': test,
    })

  it('accepts "not yet" and tests that exist, computed titles included', async () => {
    expect(await planted('not yet')).toEqual([])
    expect(await planted('`test/a.test.ts` › answers with the customer \\| and the deal')).toEqual([])
    expect(
      await planted('test/a.test.ts › repeats call 7 once<br>test/a.test.ts › fault 12: survives'),
    ).toEqual([])
  })

  it('refuses a test that is missing, skipped, misquoted or not named as one', async () => {
    expect(await planted('test/b.test.ts › answers')).toEqual([
      expect.stringContaining('test/b.test.ts, which does not exist'),
    ])
    expect(await planted('test/a.test.ts › is skipped')).toEqual([
      expect.stringContaining('no running test called "is skipped"'),
    ])
    expect(await planted('test/a.test.ts › answers with')).toEqual([
      expect.stringContaining('no running test'),
    ])
    expect(await planted('works')).toEqual([expect.stringContaining('neither "not yet" nor')])
    expect(await planted('')).toEqual([expect.stringContaining('neither "not yet" nor')])
  })

  it('refuses a requirement without a row, twice, or unknown', async () => {
    const rows = page
      .replace(/^\| C-02 .*$/m, '| C-03 | twice | not yet |')
      .replace(/^\| O-18 .*$/m, '| O-19 | unknown | not yet |')
    expect(await verdict('capabilities', { 'docs/capabilities.md': rows })).toEqual([
      expect.stringContaining('C-02 has no row'),
      expect.stringContaining('O-18 has no row'),
      expect.stringContaining('C-03 has a row too many'),
      expect.stringContaining('O-19 has a row too many'),
    ])
  })
})
