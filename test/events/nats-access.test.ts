/** How the hub gets into a NATS server that lets in only some, or only over TLS. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nkeys } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import type { NatsConfig } from '#events/config.ts'
import { openNats } from '#events/nats.ts'
import { recordingLog } from '#test/kit/log.ts'
import { newPrefix, noNats, startNatsServer } from '#test/kit/nats.ts'
import { temporaryDirectory } from '#test/kit/server.ts'
import { until } from '#test/kit/until.ts'

/** Connects as the hub does. */
const connect = (config: NatsConfig) => {
  const { log, lines } = recordingLog()
  const nats = openNats({ ...config, prefix: newPrefix(), secret: 'shared', log })
  return {
    /** Why it did not get in, where it did not. */
    refused: () => until(() => lines.find(({ msg }) => msg === 'NATS does not answer')),
    /** Makes a stream, as each subgraph does for its log, and answers how many there are then. */
    streams: async () => {
      const { jsm } = await until(() => nats.session)
      const name = nats.streamOf('source')
      await jsm.streams.add({ name, subjects: [`${name}.*`] })
      return (await jsm.getAccountInfo()).streams
    },
    isIn: () => nats.session !== undefined,
    [Symbol.asyncDispose]: () => nats[Symbol.asyncDispose](),
  }
}

/** A key and a certificate that vouches for itself, for this machine's own address. */
const certify = (directory: string) => {
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')]
  const made = ['-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=nats of a test']
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...[...made, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ],
    { stdio: 'ignore' },
  )
  return { key, certificate }
}

/** A token as NATS reads it: who somebody is, signed by whoever vouches. */
const tokenOf = (
  signer: nkeys.KeyPair,
  subject: nkeys.KeyPair,
  claim: { name: string; nats: Record<string, unknown> },
): string => {
  const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const body = { iss: signer.getPublicKey(), sub: subject.getPublicKey(), iat: 1_767_225_600, ...claim }
  const jti = createHash('sha256').update(JSON.stringify(body)).digest('base64url')
  const signed = `${text({ typ: 'JWT', alg: 'ed25519-nkey' })}.${text({ jti, ...body })}`
  return `${signed}.${Buffer.from(signer.sign(Buffer.from(signed))).toString('base64url')}`
}

/** A server's settings under which only users of one account are let in, and that account's key. */
const byAccount = () => {
  const [operator, account, system] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()]
  const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, conn: -1, leaf: -1 }
  const kept = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 }
  const words = { type: 'account', version: 2, limits: { ...limits, ...kept, wildcards: true } }
  const known = tokenOf(operator, account, { name: 'hub', nats: words })
  const ruling = tokenOf(operator, system, {
    name: 'SYS',
    nats: { ...words, limits: { ...limits, wildcards: true } },
  })
  return {
    account,
    settings: `operator: ${tokenOf(operator, operator, { name: 'test', nats: { type: 'operator', version: 2 } })}
resolver: MEMORY
system_account: ${system.getPublicKey()}
resolver_preload: { ${account.getPublicKey()}: ${known}, ${system.getPublicKey()}: ${ruling} }`,
  }
}

/** A file of credentials for a user of an account, as NATS makes them. */
const credentialsFor = (account: nkeys.KeyPair, file: string): string => {
  const user = nkeys.createUser()
  const words = { type: 'user', version: 2, subs: -1, data: -1, payload: -1 }
  const token = tokenOf(account, user, { name: 'hub', nats: words })
  const seed = new TextDecoder().decode(user.getSeed())
  const part = (name: string, value: string) => `-----BEGIN ${name}-----\n${value}\n------END ${name}------\n`
  writeFileSync(file, `${part('NATS USER JWT', token)}\n${part('USER NKEY SEED', seed)}`)
  return file
}

describe.skipIf(noNats)('a NATS server', () => {
  it('that speaks TLS alone is spoken to where its authority is named, and is not trusted where it is not', async () => {
    await using directory = await temporaryDirectory()
    const { key, certificate } = certify(directory.path)
    await using server = await startNatsServer(
      `tls: { cert_file: "${certificate}", key_file: "${key}" }\nauthorization: { user: hub, password: given }`,
    )
    const sealed = server.url.replace('nats://', 'tls://hub:given@')
    await using known = connect({ servers: [sealed], authority: certificate })
    expect(await known.streams()).toBe(1)
    await using unknown = connect({ servers: [sealed] })
    expect(JSON.stringify(await unknown.refused())).toMatch(/self.signed/i)
    expect(unknown.isIn()).toBe(false)
  })

  it('that asks for credentials lets in who has a file of them, and nobody whose account it does not know', async () => {
    await using directory = await temporaryDirectory()
    const { account, settings } = byAccount()
    await using server = await startNatsServer(settings)
    const own = credentialsFor(account, join(directory.path, 'hub.creds'))
    const foreign = credentialsFor(nkeys.createAccount(), join(directory.path, 'other.creds'))
    await using known = connect({ servers: [server.url], credentials: own })
    expect(await known.streams()).toBe(1)
    await using unknown = connect({ servers: [server.url], credentials: foreign })
    expect(JSON.stringify(await unknown.refused())).toMatch(/authorization/i)
    expect(unknown.isIn()).toBe(false)
  })
})
