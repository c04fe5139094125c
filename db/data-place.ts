import { createHash } from 'node:crypto'
import { chown, mkdir, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './errors.ts'
import { keep, kept, unusable } from './home.ts'
import { canEnter, type SystemUser } from './system-user.ts'

/** The directory that holds a home's `postgres` (its data) and `postgres.log`. */
export interface DataPlace {
  base: string
  data: string
  log: string
  /** True when data of a home that is gone still lies here: a home of the same name was deleted. */
  abandoned: boolean
}

const POINTER = 'postgres.place'
const at = (base: string, abandoned = false): DataPlace => ({
  base,
  data: join(base, 'postgres'),
  log: join(base, 'postgres.log'),
  abandoned,
})

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/**
 * Where the data of a home lies: in the home, unless root runs the hub in a directory that the user `postgres` cannot enter.
 * Then it lies below `rootsPlace`, and a pointer in the home says where.
 */
export const dataPlace = async (
  home: string,
  user: SystemUser | undefined,
  rootsPlace: string,
): Promise<DataPlace> => {
  const inHome = at(home)
  const pointed = await kept(home, POINTER)
  if (!user) {
    await refuseForeignData(inHome.data)
    return inHome
  }
  const base = join(rootsPlace, createHash('sha256').update(home).digest('hex').slice(0, 16))
  if (pointed && (await isOurs(pointed, home))) return at(JSON.parse(pointed).base)
  if (await canEnter(user, home)) return inHome
  // The directory was closed after the data had been made in it. A server may still run there: nothing is moved under it.
  if (await exists(inHome.data))
    throw unusable(inHome.data, new Error('the system user postgres cannot enter it any more'))
  await mkdir(base, { recursive: true, mode: 0o755 })
  const outside = at(base, await exists(join(base, 'postgres')))
  return outside
}

/** Writes the pointer, once the data is really there. */
export const rememberPlace = async (home: string, place: DataPlace): Promise<void> => {
  if (place.base !== home) await keep(home, POINTER, JSON.stringify({ home, base: place.base }))
}

// A copied home brings a pointer to the original's data along: two servers on one data directory must never be.
const isOurs = async (pointer: string, home: string): Promise<boolean> => {
  const { home: writtenFor } = JSON.parse(pointer) as { home: string }
  return writtenFor === home || !(await exists(writtenFor))
}

const refuseForeignData = async (data: string): Promise<void> => {
  const owner = await stat(data).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw unusable(data, error)
  })
  if (owner && process.getuid && owner.uid !== process.getuid())
    throw unusable(data, Object.assign(new Error('belongs to another user'), { code: 'EACCES' }))
}

/** Makes a directory or file that the server's user may write. */
export const giveTo = async (user: SystemUser | undefined, path: string, kind: 'directory' | 'file') => {
  if (kind === 'directory') await mkdir(path, { recursive: true, mode: 0o700 })
  else await (await open(path, 'a', 0o600)).close()
  if (user) await chown(path, user.uid, user.gid)
}
