/** The sentences in `utterances/`, split by their hash: one half may be looked at while the grammar is made, the other is only counted. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'
import type { Meaning } from '../../chat/contract.ts'
import { catalogueInterpreter } from '../../operations/interpreter.ts'
import { find, NOW, TIME_ZONE } from './world.ts'

export interface Utterance {
  text: string
  /** What it means: an operation with its variables; null when nothing may come of it. */
  means: { operation: string; variables: Record<string, unknown> } | null
  half: 'tuned' | 'unseen'
  group: 'meant' | 'near miss' | 'hostile'
}

const folder = join(import.meta.dirname, 'utterances')
const halfOf = (text: string): Utterance['half'] =>
  createHash('sha256').update(text).digest()[0]! % 2 === 0 ? 'tuned' : 'unseen'

interface Meant {
  operation: string
  variables: Record<string, unknown>
  say: (string | { text: string; variables: Record<string, unknown> })[]
}
interface Unmeant {
  with?: string[]
  say: string[]
}

const OTHERS = { 'near-misses.yaml': 'near miss', 'hostile.yaml': 'hostile' } as const

/** All sentences. */
export const utterances = (): Utterance[] =>
  readdirSync(folder)
    .sort()
    .flatMap((file): Utterance[] => {
      const read = parse(readFileSync(join(folder, file), 'utf8'))
      const group = OTHERS[file as keyof typeof OTHERS] as Utterance['group'] | undefined
      if (!group)
        return (read as Meant[]).flatMap(({ operation, variables, say }) =>
          say.map((one) => {
            const { text, variables: own } = typeof one === 'string' ? { text: one, variables } : one
            return { text, means: { operation, variables: own }, half: halfOf(text), group: 'meant' as const }
          }),
        )
      return (read as Unmeant[]).flatMap(({ with: names = [''], say }) =>
        say.flatMap((one) =>
          (one.includes('{}') ? names : ['']).map((name) => {
            const text = one.replaceAll('{}', name)
            return { text, means: null, half: halfOf(text), group }
          }),
        ),
      )
    })

/** What a sentence means in the small world, without any talk before it. */
export const meaningOf = (text: string): Promise<Meaning> =>
  catalogueInterpreter().interpret({ text, now: NOW, timeZone: TIME_ZONE, turns: [], find })

/** Whether a sentence was understood exactly: operation and variables, or that there is nothing to be done. */
export const isRight = ({ means, group }: Utterance, meaning: Meaning): boolean => {
  if (means)
    return (
      meaning.kind === 'OPERATION' &&
      meaning.intent.name === means.operation &&
      isDeepStrictEqual(meaning.variables, means.variables)
    )
  // A hostile sentence may hold a harmless question: it must only never come to a change.
  return group === 'hostile'
    ? !(meaning.kind === 'OPERATION' && meaning.intent.isChange)
    : meaning.kind !== 'OPERATION'
}

export interface Count {
  right: number
  all: number
}

/** Counts what was understood, by group and half. */
export const counted = async (
  wrong?: (utterance: Utterance, meaning: Meaning) => void,
): Promise<Record<string, Count>> => {
  const counts: Record<string, Count> = {}
  for (const utterance of utterances()) {
    const meaning = await meaningOf(utterance.text)
    const key = `${utterance.group}, ${utterance.half}`
    const count = counts[key] ?? { right: 0, all: 0 }
    counts[key] = count
    count.all++
    if (isRight(utterance, meaning)) count.right++
    else wrong?.(utterance, meaning)
  }
  return counts
}
