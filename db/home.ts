import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, HomeUnusable } from './errors.ts'

const PROBLEMS: Record<string, string> = {
  EACCES: 'cannot be read and written by this user',
  EPERM: 'cannot be read and written by this user',
  EROFS: 'is on a read-only file system',
  ENOTDIR: 'is not a directory',
  EEXIST: 'is not a directory',
  ENOSPC: 'is on a full disk',
}

/** Says of a path what is wrong with it and what to do. */
export const unusable = (path: string, cause: unknown) =>
  HomeUnusable.with(
    {
      path,
      problem: PROBLEMS[codeOf(cause) ?? ''] ?? 'cannot be used',
      fix: 'Make it a directory that this user may read and write, or set TRIBUTARY_HOME to another one.',
    },
    { cause },
  )

/**
 * Makes the data directory when it is absent and answers its real path.
 * @throws HUB_HOME_UNUSABLE with the path and what to do
 */
export const openHome = async (home: string): Promise<string> => {
  try {
    await mkdir(home, { recursive: true })
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK)
    return await realpath(home)
  } catch (error) {
    throw unusable(home, error)
  }
}

/** The text kept in a file of the home, or undefined when it is not there. */
export const kept = async (home: string, name: string): Promise<string | undefined> => {
  try {
    return (await readFile(join(home, name), 'utf8')).trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw unusable(join(home, name), error)
  }
}

/** Keeps a text in a file of the home that only this user may read. */
export const keep = async (home: string, name: string, text: string): Promise<void> => {
  try {
    await writeFile(join(home, name), `${text}\n`, { mode: 0o600 })
  } catch (error) {
    throw unusable(join(home, name), error)
  }
}

/** A random password, made on first use and kept in the home. */
export const keptPassword = async (home: string, name: string): Promise<string> => {
  const before = await kept(home, name)
  if (before) return before
  const password = randomBytes(24).toString('base64url')
  await keep(home, name, password)
  return password
}
