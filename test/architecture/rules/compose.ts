/** docker-compose.yml: read as far as our own file goes, because nothing here can run it. */
import type { Finding, House, Verdict } from '../house.ts'
import { places, textOf } from '../syntax.ts'
import { exampleVariables } from './delivery.ts'

interface Service {
  name: string
  line: number
  /** Whether it runs the hub's image. */
  ours: boolean
  roles: string[]
  variables: string[]
}

/**
 * Understands the few shapes of YAML that our file keeps to: two spaces a level, one key a line, `command: [a, b]`,
 * variables as a map. A section `x-…` is what services share.
 */
const servicesOf = (text: string): Service[] => {
  const services: Service[] = []
  let section = ''
  for (const [index, line] of text.split('\n').entries()) {
    const top = /^([\w-]+):/.exec(line)?.[1]
    if (top) section = top
    if (top?.startsWith('x-')) {
      services.push({ name: top, line: index + 1, ours: true, roles: [], variables: [] })
    }
    const service = section === 'services' ? /^ {2}([\w-]+):/.exec(line)?.[1] : undefined
    if (service) services.push({ name: service, line: index + 1, ours: false, roles: [], variables: [] })
    const current = services.at(-1)
    if (!current) continue
    if (/^ {4}<<: \*hub\b/.test(line)) current.ours = true
    const command = /^ {4}command: \[(.*)\]/.exec(line)?.[1] ?? ''
    current.roles.push(...[...command.matchAll(/['"]([^'"]+)['"]/g)].map(([, word]) => word!))
    const variable = /^ +([A-Z][A-Z0-9_]*):/.exec(line)?.[1]
    if (variable) current.variables.push(variable)
  }
  return services.filter(({ ours }) => ours)
}

/** Every container of the hub runs a role that main.ts knows, with variables that `.env.example` explains. */
export const compose = (house: House): Verdict => {
  const file = 'docker-compose.yml'
  const missing = [file, 'main.ts', '.env.example'].filter((needed) => !house.files.includes(needed))
  if (missing.length > 0) return { findings: missing.map((where) => ({ where, says: 'is missing' })) }
  const known = new Set(
    [...places(house.text('main.ts'))].flatMap(({ node }) => [textOf(node), String(node.value)]),
  )
  const told = new Set(exampleVariables(house.text('.env.example')).map(({ name }) => name))
  const services = servicesOf(house.text(file))
  const containers = services.filter(({ name }) => !name.startsWith('x-'))
  const findings = services.flatMap(({ name, line, roles, variables }): Finding[] => {
    const where = `${file}:${line}`
    const unknown = roles.filter((role) => !role.startsWith('--') && !known.has(role))
    return [
      ...(roles.length === 0 && !name.startsWith('x-') ? [{ where, says: `${name} names no role` }] : []),
      ...unknown.map((role) => ({ where, says: `main.ts knows no role "${role}"` })),
      ...variables
        .filter((variable) => !told.has(variable))
        .map((variable) => ({ where, says: `${variable} is not in .env.example` })),
    ]
  })
  if (containers.length === 0) findings.push({ where: file, says: 'runs no service of the hub' })
  return { findings, note: `${containers.length} containers of ours` }
}
