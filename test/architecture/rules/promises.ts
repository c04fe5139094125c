/** What is written down for others: SDL, migrations, decisions, README. */
import { type DefinitionNode, Kind, parse } from 'graphql'
import type { Finding, House, Verdict } from '../house.ts'

interface Described {
  file: string
  line: number
  described: boolean
}

type FieldHolder = Extract<DefinitionNode, { fields?: unknown }>
const holdsFields = (definition: DefinitionNode): definition is FieldHolder =>
  'fields' in definition && definition.fields !== undefined
const typeKinds: ReadonlySet<string> = new Set([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.UNION_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_DEFINITION,
])
const roots = new Set(['Query', 'Mutation', 'Subscription'])

/**
 * Every type and field has a description. The owner of a type describes it; the stubs of its siblings carry none, so a
 * name counts as described when one subgraph describes it. `@external` fields are their owner's to describe.
 */
export const sdl = (house: House): Verdict => {
  const files = house.files.filter((file) => /^schema\/(?!generated\/)([\w-]+\/)?[^/]+\.graphql$/.test(file))
  const seen = new Map<string, Described>()
  const see = (name: string, file: string, line: number, described: boolean): void => {
    const before = seen.get(name)
    seen.set(name, {
      file: before?.file ?? file,
      line: before?.line ?? line,
      described: described || !!before?.described,
    })
  }
  for (const file of files) {
    for (const definition of parse(house.text(file)).definitions) {
      if (!('name' in definition) || !definition.name) continue
      const type = definition.name.value
      const line = definition.loc?.startToken.line ?? 1
      if (typeKinds.has(definition.kind) && !roots.has(type)) {
        see(type, file, line, 'description' in definition && definition.description !== undefined)
      }
      for (const field of holdsFields(definition) ? (definition.fields ?? []) : []) {
        if (field.directives?.some((directive) => directive.name.value === 'external')) continue
        see(
          `${type}.${field.name.value}`,
          file,
          field.loc?.startToken.line ?? line,
          field.description !== undefined,
        )
      }
    }
  }
  return {
    findings: [...seen]
      .filter(([, { described }]) => !described)
      .map(([name, { file, line }]) => ({
        where: `${file}:${line}`,
        says: `${name} has no description a salesperson understands`,
      })),
    note: `${seen.size} types and fields`,
  }
}

/** Migrations go forward in one order and say what they do. */
export const migrations = (house: House): Verdict => {
  const files = house.files.filter((file) => /(^|\/)migrations\/.*\.sql$/.test(file))
  const taken = new Map<string, string>()
  const findings = files.flatMap((file): Finding[] => {
    const folder = file.slice(0, file.lastIndexOf('/'))
    const stamp = `${folder}/${file.slice(folder.length + 1).split('-')[0]}`
    const twin = taken.get(stamp)
    taken.set(stamp, file)
    return [
      ...(/^-- \S/.test(house.text(file))
        ? []
        : [{ where: file, says: 'the first line is a comment that says what it does' }]),
      ...(twin ? [{ where: file, says: `has the same time as ${twin}: their order is not told` }] : []),
    ]
  })
  return { findings, note: `${files.length} migrations` }
}

const sections = ['Context', 'Choice', 'What would change our mind']

/** Decisions are numbered without a gap and say what would change our mind. */
export const decisions = (house: House): Verdict => {
  const files = house.files.filter((file) => file.startsWith('docs/decisions/'))
  const findings = files.flatMap((file, index): Finding[] => {
    const number = String(index + 1).padStart(4, '0')
    const missing = sections.filter((section) => !house.text(file).includes(`\n## ${section}\n`))
    return [
      ...(file.startsWith(`docs/decisions/${number}-`)
        ? []
        : [{ where: file, says: `the next number is ${number}` }]),
      ...missing.map((section) => ({ where: file, says: `lacks the section "## ${section}"` })),
    ]
  })
  return { findings, note: `${files.length} decisions` }
}

/** A backticked word that names a file or folder of ours: it has a slash or a known ending, and no placeholder. */
const looksLikePath = (word: string): boolean =>
  /^\.?[\w-][\w./-]*$/.test(word) &&
  !word.startsWith('node_modules') &&
  (/\.(ts|tsx|mjs|md|yml|json|sql|graphql|example)$/.test(word) ||
    (word.includes('/') && !/\.\w+\//.test(word)))

/** The README is the map: every path and every npm script in it exists. */
export const readme = (house: House): Verdict => {
  const file = 'README.md'
  if (!house.files.includes(file)) return { findings: [{ where: file, says: 'is missing' }] }
  const exists = (path: string): boolean => {
    const plain = path.replace(/\/$/, '')
    // The rooms are named without their subgraph, because they are the same in each.
    return house.files
      .map((known) => [known, known.replace(/^subgraphs\/[^/]+\//, '')])
      .some((names) => names.some((known) => known === plain || known.startsWith(`${plain}/`)))
  }
  const manifest = JSON.parse(house.text('package.json')) as { scripts?: Record<string, string> }
  const findings = house
    .text(file)
    .split('\n')
    .flatMap((line, index): Finding[] => {
      const where = `${file}:${index + 1}`
      const words = [...line.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)
      const links = [...line.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => link!)
      const paths = [...words.filter(looksLikePath), ...links.filter((link) => !/^[a-z]+:/.test(link))]
      const scripts = [...line.matchAll(/npm (?:run (?:-s )?)?([\w:-]+)/g)]
        .map(([, script]) => script!)
        .filter((script) => !['run', 'ci', 'install'].includes(script))
      return [
        ...paths.filter((path) => !exists(path)).map((path) => ({ where, says: `${path} does not exist` })),
        ...scripts
          .filter((script) => !manifest.scripts?.[script])
          .map((script) => ({ where, says: `package.json has no script "${script}"` })),
      ]
    })
  return { findings }
}
