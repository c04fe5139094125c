import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { byChance } from './planning.ts'

/**
 * Secrets at rest, by envelope: each secret has a data key of its own, and the data key is wrapped by the hub's key.
 * AES-256-GCM both times; the associated data (organisation and row) makes a sealed text useless anywhere else.
 */
export interface Vault {
  /** Seals a secret for one place, named by `aad` (organisation + row). */
  seal(plain: string, aad: string): string
  /** Opens it. Throws when the text or the place is not the one it was sealed for. */
  open(sealed: string, aad: string): string
  /** A mark that stands for a text at one place: the same for the same text, and nobody without the key finds the text by trying. */
  mark(plain: string, place: string): string
  /** The marks of texts at one place by every key that opens: what was marked before a key was replaced is found too. */
  marks(plain: readonly string[], place: string): string[]
  /** Whether a text is sealed by an older key and should be sealed anew. */
  isStale(sealed: string): boolean
}

const encrypt = (key: Buffer, plain: Buffer, aad: string): Buffer => {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad))
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

const decrypt = (key: Buffer, box: Buffer, aad: string): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, 12)).setAAD(Buffer.from(aad))
  decipher.setAuthTag(box.subarray(-16))
  return Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()])
}

/**
 * Opens a vault on a ring of keys. The first key seals; all of them open, which is how a key is rotated without downtime.
 * @param keys 32 bytes each, as base64 or hex text
 * @throws TypeError when no key is given or one has another length
 */
export const openVault = (keys: readonly string[]): Vault => {
  const ring = keys.map((text) => {
    const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64')
    if (key.length !== 32) throw new TypeError('an encryption key must be 32 bytes')
    return { id: keyId(key), key }
  })
  const current = ring[0]
  if (!current) throw new TypeError('at least one encryption key is needed')
  const markAll = (plain: readonly string[], place: string, keys: readonly { key: Buffer }[]) =>
    keys.flatMap(({ key }) => {
      const derived = Buffer.from(hkdfSync('sha256', key, '', `mark ${place}`, 32))
      return plain.map((text) => createHmac('sha256', derived).update(text).digest('hex').slice(0, 32))
    })
  return {
    seal: (plain, aad) => {
      const dataKey = randomBytes(32)
      const parts = [encrypt(current.key, dataKey, aad), encrypt(dataKey, Buffer.from(plain), aad)]
      return byChance(['v1', current.id, ...parts.map((part) => part.toString('base64url'))].join('.'))
    },
    open: (sealed, aad) => {
      const [version, id, wrapped, box] = sealed.split('.')
      const found = ring.find((entry) => entry.id === id)
      if (version !== 'v1' || !found || !wrapped || !box)
        throw new Error('sealed by a key this hub does not have')
      const dataKey = decrypt(found.key, Buffer.from(wrapped, 'base64url'), aad)
      return decrypt(dataKey, Buffer.from(box, 'base64url'), aad).toString()
    },
    mark: (plain, place) => markAll([plain], place, [current])[0]!,
    marks: (plain, place) => markAll(plain, place, ring),
    isStale: (sealed) => sealed.split('.')[1] !== current.id,
  }
}

// The id only has to tell keys of one ring apart; encrypting nothing under a fixed nonce reveals nothing of the key.
const keyId = (key: Buffer): string => {
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12))
  cipher.final()
  return cipher.getAuthTag().toString('hex', 0, 4)
}

/** Opens a sealed text; undefined when it was sealed by a key that is no longer given, whatever it was. */
export const openedBy = (vault: Vault, sealed: string, aad: string): string | undefined => {
  try {
    return vault.open(sealed, aad)
  } catch {
    return undefined
  }
}
