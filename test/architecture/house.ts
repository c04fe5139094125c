/** The tree that the rules look at: the real one, or a small planted one that proves a rule bites. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Something that breaks a rule: where, and what to do instead. */
export interface Finding {
  where: string
  says: string
}

/** What a rule found. No findings means the rule holds; the note is a figure worth printing either way. */
export interface Verdict {
  findings: Finding[]
  note?: string
}

export type Rule = (house: House) => Verdict | Promise<Verdict>

export interface House {
  readonly root: string
  /** Every file that is ours, as a path relative to the root with forward slashes, sorted. */
  readonly files: readonly string[]
  text(file: string): string
}

export const repository = resolve(import.meta.dirname, '../..')

// Not asked of git: a checkout owned by another user makes git refuse, and a planted tree has no repository.
const foreign = new Set(['node_modules', '.git', '.tributary', 'dist', 'coverage'])
const isOurs = (name: string): boolean =>
  !foreign.has(name) && name !== '.env' && !name.endsWith('.log') && name !== '.DS_Store'

const walk = (root: string, folder = ''): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => isOurs(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      return entry.isDirectory() ? walk(root, path) : entry.isFile() ? [path] : []
    })

/** Lists the tree under `root`. Texts are read once, when first asked for. */
export const openHouse = (root: string = repository): House => {
  const texts = new Map<string, string>()
  return {
    root,
    files: walk(root).sort(),
    text(file) {
      let text = texts.get(file)
      if (text === undefined) {
        text = readFileSync(join(root, file), 'utf8')
        texts.set(file, text)
      }
      return text
    },
  }
}

/**
 * A temporary tree with these files, removed on dispose. The real `node_modules` is linked beside them, unless the test
 * is one that writes there.
 */
export const plant = (files: Record<string, string>, { packages = true } = {}): House & Disposable => {
  const root = mkdtempSync(join(tmpdir(), 'tributary-planted-'))
  if (packages) symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return { ...openHouse(root), [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}

export const isGenerated = (file: string): boolean => file.includes('generated/')

/** Sources that run in production: everything but the tests, the benchmarks and the configuration of tools. */
export const isProduct = (file: string): boolean =>
  /\.tsx?$/.test(file) && !isGenerated(file) && !/^(test|bench)\//.test(file) && !isToolConfig(file)

export const isToolConfig = (file: string): boolean => /^([^/]+\.config\.ts|codegen\.ts)$/.test(file)
