import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadIntents } from '#operations/intents.ts'

const chat = join(import.meta.dirname, '../../chat')
const code = [
  ...readdirSync(chat).filter((file) => file.endsWith('.ts')),
  ...['../gateway/chat/answering.ts', '../gateway/chat/sentences.ts'],
].map((file) => [file, readFileSync(join(chat, file), 'utf8')] as const)

/** What is no word of a language: comments, names of files, and patterns of letters such as `\p{Lu}`. */
const withoutNotes = (source: string): string =>
  source
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|\s\/\/ .*$/gm, '')
    .replaceAll(/^(?:import|\} from) .*$/gm, '')

describe('a language', () => {
  it('is data: the code that reads and answers sentences holds no sentence and no pattern of words', () => {
    const kinds = new Set(loadIntents().flatMap(({ places }) => places.flatMap(({ slot }) => slot ?? [])))
    expect(code.length).toBeGreaterThan(10)
    for (const [file, source] of code) {
      const bare = withoutNotes(source)
      const sentences = [...bare.matchAll(/'([^'\n]*[a-z] [a-z][^'\n]*)'/g)]
        .map(([, text]) => text as string)
        // Between two texts of one line stands code.
        .filter((text) => !kinds.has(text) && !/^gmbh |\|\||&&|===|\)/.test(text))
      expect([file, sentences]).toEqual([file, []])
      const patterns = [...bare.matchAll(/\/((?:\\.|[^/\n\\])+)\/[gimu]*\.(?:test|exec)\(/g)]
        .map(([, pattern]) => pattern as string)
        .filter((pattern) => /[a-z]{3}/.test(pattern.replaceAll(/\\p\{\w+\}/g, '')))
      expect([file, patterns]).toEqual([file, []])
    }
  })
})
