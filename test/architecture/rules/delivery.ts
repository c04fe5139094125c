/** What leaves the house: the lock, and the environment it is told about. */
import type { Finding, House, Verdict } from '../house.ts'
import { argumentsOf, HOLE, memberPath, places, textOf } from '../syntax.ts'

interface LockedPackage {
  version?: string
  resolved?: string
  link?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}
interface Lock {
  lockfileVersion: number
  packages: Record<string, LockedPackage>
}

/** Whether a package at `path` finds `name` by looking upwards, as Node does. */
const resolves = (packages: Lock['packages'], path: string, name: string): boolean => {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`]) return true
    if (at === '') return false
    if (!at.includes('/node_modules/')) at = ''
    if (packages[`node_modules/${name}`]) return true
    if (at === '') return false
  }
}

/**
 * The lock is one that `npm ci` accepts, told without asking the registry: exact pins, the same in both files, every
 * dependency present (an optional platform package that the registry did not have leaves a lock that `npm ci` refuses),
 * and no address of a private mirror.
 */
export const lock = (house: House): Verdict => {
  const manifest = JSON.parse(house.text('package.json')) as LockedPackage
  const { packages } = JSON.parse(house.text('package-lock.json')) as Lock
  const findings: Finding[] = []
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
    const [ours, locked] = [manifest[kind] ?? {}, packages['']?.[kind] ?? {}]
    for (const name of new Set([...Object.keys(ours), ...Object.keys(locked)])) {
      const pin = ours[name]
      if (pin !== locked[name]) {
        findings.push({
          where: 'package-lock.json',
          says: `${name}: the lock says ${locked[name]}, package.json ${pin}`,
        })
      }
      if (pin !== undefined && !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(pin)) {
        findings.push({ where: 'package.json', says: `${name} is pinned to "${pin}": pin one exact version` })
      }
    }
  }
  for (const [path, entry] of Object.entries(packages)) {
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      if (!resolves(packages, path, name)) {
        findings.push({
          where: 'package-lock.json',
          says: `${path || 'the project'} needs ${name}, which is not locked`,
        })
      }
    }
    if (entry.resolved && !entry.link && !entry.resolved.startsWith('https://registry.npmjs.org/')) {
      findings.push({
        where: 'package-lock.json',
        says: `${path} comes from ${new URL(entry.resolved).host}`,
      })
    }
  }
  return { findings, note: `${Object.keys(packages).length} packages` }
}

/** Every npm script runs a file that is there, after install.mjs. */
export const scripts = (house: House): Verdict => {
  const { scripts: all = {} } = JSON.parse(house.text('package.json')) as { scripts?: Record<string, string> }
  return {
    findings: Object.entries(all).flatMap(([name, command]) => {
      const where = `package.json › ${name}`
      const files = [...command.matchAll(/(?<=^|\s)[\w./-]+\.(?:ts|mjs)(?=\s|$)/g)].map(([file]) => file)
      const absent = files.filter((file) => !file.startsWith('node_modules/') && !house.files.includes(file))
      const isHook = name.startsWith('pre') && all[name.slice(3)] !== undefined
      const uninstalled = !isHook && all[`pre${name}`] !== 'node install.mjs'
      return [
        ...absent.map((file) => ({ where, says: `${file} does not exist` })),
        ...(uninstalled
          ? [{ where, says: `needs "pre${name}": "node install.mjs", to run on a fresh clone` }]
          : []),
      ]
    }),
    note: `${Object.keys(all).length} scripts`,
  }
}

const readers = new Set(['int', 'text', 'url', 'secret', 'flag', 'oneOf'])

/** The variables that a config.ts reads; HOLE stands for a computed part of a name. */
const readVariables = (source: string): string[] =>
  [...places(source)].flatMap(({ node }) => {
    if (node.type !== 'CallExpression' || !readers.has(memberPath(node.callee) ?? '')) return []
    const name = textOf(argumentsOf(node)[0])
    return name && /^[A-Z…][A-Z0-9_…]*$/.test(name) ? [name] : []
  })

interface Variable {
  name: string
  line: number
  explained: boolean
}

/** The variables of `.env.example`: `NAME=value`, commented out or not, under a comment that says what it means. */
export const exampleVariables = (text: string): Variable[] => {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    const name = /^(?:# ?)?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1]
    if (!name) return []
    const before = lines.slice(0, index).reverse()
    const explanation = before.find((above) => !/^(?:# ?)?[A-Z][A-Z0-9_]*=/.test(above))
    return [{ name, line: index + 1, explained: /^# \S/.test(explanation ?? '') }]
  })
}

/** `.env.example` names every variable that a config.ts reads, says what it means, and names no other. */
export const environmentExample = (house: House): Verdict => {
  const file = '.env.example'
  if (!house.files.includes(file)) return { findings: [{ where: file, says: 'is missing' }] }
  const told = exampleVariables(house.text(file))
  const configs = house.files.filter(
    (path) => /(^|\/)config\.ts$/.test(path) && path !== 'kernel/config.ts' && !path.startsWith('test/'),
  )
  const read = configs.flatMap((config) =>
    readVariables(house.text(config)).map((name) => ({
      config,
      name,
      pattern: new RegExp(`^${name.replaceAll(HOLE, '[A-Z0-9_]+')}$`),
    })),
  )
  return {
    findings: [
      ...read
        .filter(({ pattern }) => !told.some(({ name }) => pattern.test(name)))
        .map(({ config, name }) => ({ where: config, says: `${name} is not in ${file}` })),
      ...told
        .filter(({ name }) => !read.some(({ pattern }) => pattern.test(name)))
        .map(({ name, line }) => ({ where: `${file}:${line}`, says: `no config.ts reads ${name}` })),
      ...told
        .filter(({ explained }) => !explained)
        .map(({ name, line }) => ({
          where: `${file}:${line}`,
          says: `${name} lacks a comment that says what it means`,
        })),
    ],
    note: `${told.length} variables`,
  }
}
