import { accessSync, constants } from 'node:fs'
import { optional, type Reader, text } from '#kernel/config.ts'

const SCHEMES = ['nats:', 'tls:']

/** Where NATS is and what lets us in; undefined when there is none. */
export interface NatsConfig {
  /** Servers of one cluster, as `nats://` or `tls://` with host and port; the first one may carry user and password. */
  servers: readonly string[]
  /** A file of credentials as NATS makes them (JWT and seed). */
  credentials?: string | undefined
  /** A file with the certificate of the authority that has signed the servers' ones. */
  authority?: string | undefined
}

/** Reads `NATS_URL` (servers of one cluster, separated by commas) and the files that belong to it. */
export const nats: Reader<NatsConfig | undefined> = (env, faults) => {
  const given = optional(text('NATS_URL'))(env, faults)
  const servers = given
    ?.split(',')
    .map((server) => server.trim())
    .filter(Boolean)
  const credentials = readable('NATS_CREDENTIALS')(env, faults)
  const authority = readable('NATS_CA')(env, faults)
  if (servers?.every(isServer) === false)
    faults.push({
      variable: 'NATS_URL',
      problem: 'holds something that is no NATS server',
      fix: 'Write each as nats://host:4222 or tls://host:4222, separated by commas',
    })
  return servers?.length ? { servers, credentials, authority } : undefined
}

const isServer = (server: string): boolean => {
  if (!URL.canParse(server)) return false
  const { protocol, host } = new URL(server)
  return SCHEMES.includes(protocol) && host !== ''
}

/** The path of a file that this process may read. */
const readable =
  (variable: string): Reader<string | undefined> =>
  (env, faults) => {
    const path = optional(text(variable))(env, faults)
    try {
      if (path) accessSync(path, constants.R_OK)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'E'
      const fix = 'Name a file that this user may read'
      faults.push({ variable, problem: `is a file that cannot be read: ${path} (${code})`, fix })
    }
    return path
  }
