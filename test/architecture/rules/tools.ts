/** Rules that a tool of its own decides: types and formatting. */

import { runInstalled } from '../command.ts'
import type { House, Verdict } from '../house.ts'

const lines = (text: string, pattern: RegExp): string[] =>
  text.split('\n').filter((line) => pattern.test(line))

/** TypeScript accepts every source. */
export const types = async (house: House): Promise<Verdict> => {
  const { code, all } = await runInstalled(
    'typescript/bin/tsc',
    ['--noEmit', '--pretty', 'false'],
    house.root,
  )
  if (code === 0) return { findings: [] }
  const errors = lines(all, /error TS\d+/).map((line) => {
    const [, where = 'tsconfig.json', says = line] = /^(\S+?)(?:: )?(error TS.*)$/.exec(line) ?? []
    return { where, says }
  })
  return { findings: errors.length > 0 ? errors : [{ where: 'tsconfig.json', says: all.trim() }] }
}

/** Biome accepts every file as it is formatted and linted; `npx biome check --write` repairs most of what it finds. */
export const biome = async (house: House): Promise<Verdict> => {
  const { code, out, all } = await runInstalled(
    '@biomejs/biome/bin/biome',
    ['check', '--error-on-warnings', '--reporter=github', '--max-diagnostics=200', '.'],
    house.root,
  )
  const findings = lines(out, /^::(error|warning)/).map((line) => {
    const [, title = 'biome'] = /title=([^,:]*)/.exec(line) ?? []
    const [, file = '.'] = /file=([^,]*)/.exec(line) ?? []
    const [, at = '1'] = /line=(\d+)/.exec(line) ?? []
    return {
      where: `${file.replace(`${house.root}/`, '')}:${at}`,
      says: `[${title}] ${line.slice(line.indexOf('::', 2) + 2)}`,
    }
  })
  if (code !== 0 && findings.length === 0) return { findings: [{ where: 'biome.json', says: all.trim() }] }
  return { findings: code === 0 ? [] : findings }
}
