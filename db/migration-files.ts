import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Subgraph } from './databases.ts'
import { codeOf } from './errors.ts'

export interface Migration {
  /** Path below the root, such as `events/migrations/20261120T2200-outbox.sql`: its name for ever. */
  file: string
  sql: string
  checksum: string
}

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** The migrations of a database, in order: those of the floors it stands on, then its own. */
export const migrationsOf = async (subgraph: Subgraph, root = ROOT): Promise<Migration[]> => {
  const directories = [
    'events/migrations',
    'service/migrations',
    'sync/migrations',
    `db/migrations/${subgraph}`,
  ]
  return (await Promise.all(directories.map((directory) => readDirectory(root, directory)))).flat()
}

const readDirectory = async (root: string, directory: string): Promise<Migration[]> => {
  const names = await readdir(join(root, directory)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  const files = names.filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(files.map((name) => readMigration(root, `${directory}/${name}`)))
}

const readMigration = async (root: string, file: string): Promise<Migration> => {
  // A checkout may turn line ends; that is no edit.
  const sql = (await readFile(join(root, file), 'utf8')).replaceAll('\r\n', '\n')
  return { file, sql, checksum: createHash('sha256').update(sql).digest('hex') }
}
