import { createHash } from 'node:crypto'

/** A browser that is signed in, in one organisation. */
export interface SessionRow {
  id: string
  personId: string
  /** The roles that the identity provider named. Null when it named none. */
  vouched: string[] | null
  usedAt: Date
  endsAt: Date
  endedAt: Date | null
}

/** A session that nobody uses ends after so long. */
export const IDLE_MS = 60 * 60_000
/** However much it is used, it ends after so long. */
export const LONGEST_MS = 12 * 60 * 60_000
/** Its use is noted so often. */
export const NOTED_MS = 60_000

/** What a browser holds. @param random at least 32 random bytes: chance is an input */
export const sessionFrom = (random: Buffer): { secret: string; hash: Buffer } => {
  const secret = random.toString('base64url')
  return { secret, hash: hashOfSession(secret) }
}

export const hashOfSession = (secret: string): Buffer => createHash('sha256').update(secret).digest()

export const isOver = (session: Pick<SessionRow, 'usedAt' | 'endsAt' | 'endedAt'>, now: Date): boolean =>
  session.endedAt !== null || session.endsAt <= now || now.getTime() - session.usedAt.getTime() >= IDLE_MS
