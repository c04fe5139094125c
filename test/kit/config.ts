import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig, text } from '#kernel/config.ts'

const given = readConfig({
  path: text('PATH', '/usr/bin:/bin'),
  home: text('HOME', '/'),
  ci: text('CI', ''),
  compiled: text('NODE_COMPILE_CACHE', ''),
})

/** Where programs are looked for, those of the system's administrator too. */
export const programs = [...given.path.split(':'), '/usr/sbin', '/usr/local/sbin']

/** Whether this is continuous integration, where nothing may be left out because the machine lacks it. */
export const isCI = given.ci !== '' && given.ci !== 'false'

const EXAMPLE = join(import.meta.dirname, '../../.env.example')

/**
 * The environment of a hub under test: what programs need to run, where Node keeps what it compiled, and every variable of
 * the hub emptied, so that neither the shell of the tests nor a `.env` of the checkout lets it talk to a real account.
 */
export const cleanEnvironment = (): Record<string, string> => ({
  PATH: given.path,
  HOME: given.home,
  ...(given.compiled ? { NODE_COMPILE_CACHE: given.compiled } : {}),
  ...Object.fromEntries(
    readFileSync(EXAMPLE, 'utf8')
      .matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)
      .map(([, name]) => [name, ''])
      .toArray(),
  ),
})
