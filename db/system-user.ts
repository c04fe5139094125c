import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { ServerFailed } from './errors.ts'

const run = promisify(execFile)

/** Whom PostgreSQL runs as. */
export interface SystemUser {
  uid: number
  gid: number
}

const idOf = async (name: string): Promise<SystemUser | undefined> => {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    // `id` fails when there is no such user: the answer.
    return undefined
  }
}

const NAME = 'postgres'
// Debian and Red Hat have the first pair, Alpine the second.
const WAYS_TO_ADD = [
  [
    ['groupadd', '-f', NAME],
    ['useradd', '-r', '-g', NAME, NAME],
  ],
  [
    ['addgroup', '-S', NAME],
    ['adduser', '-S', '-D', '-H', '-G', NAME, NAME],
  ],
]

/**
 * PostgreSQL refuses to run as root, so root hands it to the system user `postgres`, made when absent.
 * Answers undefined for an ordinary user, who runs it as himself.
 * @throws HUB_POSTGRES_FAILED when the user cannot be made
 */
export const systemUser = async (): Promise<SystemUser | undefined> => {
  if (process.getuid?.() !== 0) return undefined
  const there = await idOf(NAME)
  if (there) return there
  let cause: unknown
  for (const commands of WAYS_TO_ADD) {
    try {
      for (const [command, ...args] of commands) await run(command!, args)
      break
    } catch (error) {
      cause = error
    }
  }
  const made = await idOf(NAME)
  if (made) return made
  throw ServerFailed.with(
    {
      problem: 'refuses to run as root, and the system user postgres could not be made',
      fix: 'Run as an ordinary user, or add the user with: useradd -r postgres',
    },
    { cause },
  )
}

/** Whether the user may enter a directory: every directory on the way must let him through. */
export const canEnter = async (user: SystemUser, directory: string): Promise<boolean> => {
  for (let at = directory; ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (at === dirname(at)) return true
  }
}
