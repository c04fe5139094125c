/** Where things may lie and what they may be called. */
import type { Finding, House, Verdict } from '../house.ts'

const floors = [
  'schema',
  'chat',
  'operations',
  'gateway',
  'subgraphs',
  'service',
  'control',
  'sync',
  'events',
  'connectors',
  'db',
  'kernel',
  'telemetry',
  'console',
  'test',
  'bench',
  'docs',
  '.ci',
]
const subgraphs = ['customers', 'inventory', 'telephony', 'insights', 'hub']
const rooms = ['resolvers', 'routes', 'commands', 'domain', 'store', 'sync', 'jobs']
const besideTheRooms = ['index.ts', 'main.ts', 'context.ts', 'config.ts']

/** Names that say nothing: whatever is put there could be anything. */
const forbidden = [
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'shared',
  'types',
  'lib',
  'scripts',
  'misc',
]

/** Files that others gave their name, or that a tool looks for. */
const given = /^(README\.md|LICENSE|Dockerfile|run)$|^\.[\w.-]+$/
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.[a-z0-9]+$/
const pascal = /^[A-Z][A-Za-z0-9]*(\.golden)?\.[a-z]+$/
const fixture = /^[a-z]+(\.[a-z]+(_[a-z]+)*)+@\d+\.json$/
const migration = /^\d{8}T\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.sql$/

/** Places whose files mirror a name of the graph, or a React component. */
const mirrors = /^(subgraphs\/[^/]+\/resolvers|operations|console)(\/|$)/

const nameFinding = (file: string): Finding | undefined => {
  const parts = file.split('/')
  const name = parts.at(-1)!
  const vague = parts.find((part) => forbidden.includes(part.replace(/\.[^/]*$/, '')))
  // schema/shared.graphql is the part of the promise that every subgraph repeats: the name is federation's own.
  if (vague && file !== 'schema/shared.graphql') {
    return { where: file, says: `"${vague}" says nothing: name the folder or file after what it holds` }
  }
  if (/(^|\/)generated\//.test(file)) return undefined
  if (/(^|\/)migrations\//.test(file) && name.endsWith('.sql')) {
    return migration.test(name)
      ? undefined
      : { where: file, says: 'a migration is called <YYYYMMDDTHHMM>-<what-it-does>.sql' }
  }
  // A recorded event is called by the event's name and version.
  if (/(^|\/)fixtures\//.test(file) && fixture.test(name)) return undefined
  if (given.test(name) || kebab.test(name)) return undefined
  if (mirrors.test(file) && pascal.test(name)) return undefined
  return { where: file, says: 'file names are kebab-case, without a suffix that repeats the folder' }
}

/** Names: kebab-case, mirrors of graph names where they belong, and none that could hold anything. */
export const names = (house: House): Verdict => ({
  findings: house.files.flatMap((file) => nameFinding(file) ?? []),
  note: `${house.files.length} files`,
})

const roomFinding = (file: string): Finding | undefined => {
  const [top, subgraph, room, ...rest] = file.split('/')
  if (top !== 'subgraphs' || subgraph === undefined) return undefined
  if (room === undefined) return { where: file, says: 'only folders of subgraphs lie in subgraphs/' }
  if (!subgraphs.includes(subgraph)) {
    return { where: file, says: `the subgraphs are ${subgraphs.join(', ')}; another is a decision record` }
  }
  const known = rest.length > 0 ? rooms.includes(room) : besideTheRooms.includes(room)
  if (known) return undefined
  return {
    where: file,
    says: `the rooms are ${rooms.join(', ')}; beside them only ${besideTheRooms.join(', ')}. A new kind of room is a decision record`,
  }
}

/** Every subgraph has the same rooms, and the house the same floors. */
export const roomNames = (house: House): Verdict => {
  const floorFindings = house.files
    .map((file) => file.split('/'))
    .filter((parts) => parts.length > 1 && !floors.includes(parts[0]!))
    .map((parts) => ({
      where: parts.join('/'),
      says: `"${parts[0]}" is no floor of the house (${floors.join(', ')}). A new one is a decision record`,
    }))
  return { findings: [...floorFindings, ...house.files.flatMap((file) => roomFinding(file) ?? [])] }
}

const codeFile = /\.(ts|tsx|mjs|sql)$/
const lineCount = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
const cap = 400

/** No source is longer than anybody wants to read; prints how long they are. */
export const fileSize = (house: House): Verdict => {
  const sizes = house.files
    .filter((file) => codeFile.test(file) && !file.includes('generated/'))
    .map((file) => ({ file, lines: lineCount(house.text(file)) }))
    .sort((a, b) => a.lines - b.lines)
  const at = (share: number): number =>
    sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))]?.lines ?? 0
  return {
    findings: sizes
      .filter(({ lines }) => lines > cap)
      .map(({ file, lines }) => ({
        where: file,
        says: `${lines} lines; the cap is ${cap}: split it by what it does`,
      })),
    note: `median ${at(0.5)}, p90 ${at(0.9)}, longest ${sizes.at(-1)?.lines ?? 0} lines`,
  }
}

const kernelFiles = 12
const kernelLines = 1000
const domainNouns =
  /\b(customer|company|companie|contact|deal|ticket|rfq|quote|inventor(y|ie)|stock|supplier|trunk|ban|telephony|invoice|usage|health|insight|churn|portal|hubspot|c3|warp)s?\b/i

/** Comments may name an example; code may not. Identifiers are taken apart, so that `companyId` is seen too. */
const nounOf = (text: string, but?: RegExp): { noun: string; line: number } | undefined => {
  const code = text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/\/\/.*$/gm, '')
  for (const [index, line] of code.split('\n').entries()) {
    const words = line.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/_/g, ' ')
    const noun = domainNouns.exec(words)?.[0]
    if (noun && !but?.test(noun)) return { noun, line: index + 1 }
  }
  return undefined
}

const neutral = /^(sync|events|service|control)\//
const vendors = /hubspot|\bc3\b|\bwarp/i
/** Words with a plain meaning too: bans of a limiter, grants of usage. */
const homonyms = /^(ban|usage)s?$/i

/** What every vendor's subgraph stands on names none: no vendor, not even in a comment, and no noun of the business in code. */
export const neutralFloors = (house: House): Verdict => {
  const files = house.files.filter((file) => neutral.test(file) && codeFile.test(file))
  const findings = files.flatMap((file): Finding[] => {
    const text = house.text(file)
    const line = text.split('\n').findIndex((each) => vendors.test(each))
    const noun = file.endsWith('.sql') ? undefined : nounOf(text, homonyms)
    return [
      ...(line < 0 ? [] : [{ where: `${file}:${line + 1}`, says: 'names a vendor: take it as a parameter' }]),
      ...(noun ? [{ where: `${file}:${noun.line}`, says: `"${noun.noun}" is a domain noun` }] : []),
    ]
  })
  return { findings, note: `${files.length} files` }
}

/** The kernel stays flat, small and without a noun of the business. */
export const kernelBudget = (house: House): Verdict => {
  const files = house.files.filter((file) => file.startsWith('kernel/'))
  const lines = files.reduce((sum, file) => sum + lineCount(house.text(file)), 0)
  const findings: Finding[] = files
    .filter((file) => file.split('/').length > 2)
    .map((file) => ({ where: file, says: 'the kernel is flat' }))
  if (files.length > kernelFiles) {
    findings.push({ where: 'kernel', says: `${files.length} files; the budget is ${kernelFiles}` })
  }
  if (lines > kernelLines)
    findings.push({ where: 'kernel', says: `${lines} lines; the budget is ${kernelLines}` })
  for (const file of files) {
    const found = nounOf(house.text(file))
    if (found) findings.push({ where: `${file}:${found.line}`, says: `"${found.noun}" is a domain noun` })
  }
  return { findings, note: `${files.length} of ${kernelFiles} files, ${lines} of ${kernelLines} lines` }
}
