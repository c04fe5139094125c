import { DatabaseSync } from 'node:sqlite'
import { sleep } from '#kernel/clock.ts'

/**
 * Locks that the operating system drops when their holder dies, however it dies: no stale pids to judge.
 * Node has no flock; SQLite, which it ships, takes such locks on every platform.
 */
export interface FileLock {
  release(): void
}

const SQLITE_BUSY = 5

/** Takes the lock at once, or answers undefined when others hold it. Many may share; one alone may have it exclusively. */
export const tryLock = (path: string, mode: 'shared' | 'exclusive'): FileLock | undefined => {
  const file = new DatabaseSync(path)
  try {
    // A transaction that has read holds SQLite's shared lock until it ends.
    file.exec(mode === 'exclusive' ? 'begin exclusive' : 'begin; select 1 from sqlite_master')
    return { release: () => file.close() }
  } catch (error) {
    file.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined
    throw error
  }
}

/** Waits for the lock. Answers undefined when it was not to be had within `timeoutMs`. */
export const lock = async (
  path: string,
  mode: 'shared' | 'exclusive',
  timeoutMs: number,
): Promise<FileLock | undefined> => {
  for (let waitedMs = 0; ; waitedMs += 25) {
    const held = tryLock(path, mode)
    if (held || waitedMs >= timeoutMs) return held
    await sleep(25)
  }
}
