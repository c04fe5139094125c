import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kind, parse } from 'graphql'
import { expect, it } from 'vitest'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { REPOSITORY } from '#test/kit/hub.ts'

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

const AUDITS = /\baudit(?:All)?\(/

/** Whether what people tell the engine by this verb leaves a row: the verb's own file in `control/` writes it. */
const controlAudits = async (verb: string): Promise<boolean> => {
  const files = (await readdir(join(REPOSITORY, 'control'))).filter((file) => file.endsWith('.ts'))
  const texts = await Promise.all(files.map((file) => read('control', file)))
  return texts.some((text) => new RegExp(`^export const ${verb}\\b`, 'm').test(text) && AUDITS.test(text))
}

const leavesAudit = async (
  subgraph: Subgraph,
  { name, file }: { name: string; file: string },
  seen = new Set<string>(),
): Promise<boolean> => {
  if (seen.has(file)) return false
  seen.add(file)
  const text = await read('subgraphs', subgraph, 'commands', file)
  if (AUDITS.test(text)) return true
  // A command of both vendors may be made in `control/`, each with what is its own.
  const maker = new RegExp(`^export const ${name} = (\\w+)`, 'm').exec(text)?.[1] ?? name
  if (/from '#control\//.test(text) && ((await controlAudits(name)) || (await controlAudits(maker))))
    return true
  for (const [name, file] of commandsOf(text, /^\.\/(.+)$/))
    if (await leavesAudit(subgraph, { name, file }, seen)) return true
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
      const audits = await Promise.all(called.map(([name, file]) => leavesAudit(subgraph, { name, file })))
      if (!audits.includes(true)) silent.push(`${subgraph}.${mutation}`)
    }
  }
  expect(found).toBeGreaterThan(20)
  expect(silent).toEqual([])
})
