import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { BadInput, type HubError } from '#kernel/errors.ts'
import { holds } from '#kernel/principal.ts'
import type { Manifest, Operation } from '#operations/manifest.ts'
import { UnknownDocument, UntrustedDocument } from './errors.ts'
import type { Caller } from './identity/index.ts'

/** What a client says it wants to run: a document, or a hash or name of the catalogue. */
export interface Asked {
  query?: unknown
  operationName?: unknown
  extensions?: unknown
  /** A name of the catalogue, or a hash: `sha256:` and 64 digits, or the digits alone. */
  documentId?: unknown
}

export interface Documents {
  /**
   * The text to run. In production only texts of the catalogue, unless the caller holds `documents:free`.
   * @throws UNKNOWN_DOCUMENT, UNTRUSTED_DOCUMENT or BAD_INPUT
   */
  resolve(asked: Asked, caller: Caller): string
  /** Whether the caller may send documents of their own. */
  mayWriteOwn(caller: Caller): boolean
}

/** The scope that allows documents of one's own in production. */
export const FREE_DOCUMENTS = 'documents:free'

const MOST_TEXTS = 1_000
const MOST_CHARACTERS = 4 * 1024 * 1024

/** Opens the catalogue for the doors. */
export const openDocuments = (manifest: Manifest, mode: 'development' | 'production'): Documents => {
  const byHash = new Map(manifest.operations.map((o) => [o.hash, o]))
  const byName = new Map(manifest.operations.map((o) => [o.name, o]))
  // Clients send the same few texts again and again.
  const hashes = new LRUCache<string, string>({
    max: MOST_TEXTS,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (_, text) => text.length,
  })
  const hashOfText = (text: string): string => {
    const known = hashes.get(text)
    if (known !== undefined) return known
    const hash = createHash('sha256').update(text).digest('hex')
    hashes.set(text, hash)
    return hash
  }
  const found = (operation: Operation | undefined): string => {
    if (!operation) throw UnknownDocument.with()
    return operation.text
  }
  const mayWriteOwn = ({ principal }: Caller) => mode === 'development' || holds(principal, [FREE_DOCUMENTS])
  return {
    mayWriteOwn,
    resolve: ({ query, operationName, extensions, documentId }, caller) => {
      const hash = hashOf(extensions)
      if (documentId !== undefined && documentId !== null) {
        if (typeof documentId !== 'string') throw bad('documentId is a text')
        if (query || hash !== undefined)
          throw bad('send `documentId` alone, without `query` or a hash beside it')
        return found(byName.get(documentId) ?? byHash.get(documentId.replace(/^sha256:/, '')))
      }
      if (typeof query !== 'string' || query === '') {
        if (hash !== undefined) return found(byHash.get(hash))
        if (typeof operationName === 'string') return found(byName.get(operationName))
        throw bad('send `query`, or `documentId` with a name or hash of the catalogue')
      }
      const actual = hashOfText(query)
      // A hash beside a text must be the text's, or a cache on the way could be made to keep the wrong one.
      if (hash !== undefined && hash !== actual) throw bad('is not the hash of the document')
      if (byHash.has(actual) || mayWriteOwn(caller)) return query
      throw UntrustedDocument.with()
    },
  }
}

const bad = (reason: string): HubError => BadInput.with({ field: 'document', reason })

const hashOf = (extensions: unknown): string | undefined => {
  const persisted = (extensions as { persistedQuery?: { sha256Hash?: unknown } } | undefined)?.persistedQuery
  return typeof persisted?.sha256Hash === 'string' ? persisted.sha256Hash : undefined
}
