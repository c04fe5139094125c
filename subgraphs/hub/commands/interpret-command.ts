import type { Find } from '#chat/contract.ts'
import { isId } from '#kernel/ids.ts'
import { catalogueInterpreter } from '#operations/interpreter.ts'
import type { Context } from '../context.ts'
import { type InterpretationRow, interpretationOf } from '../domain/interpretation.ts'
import { recall } from './recall.ts'

/** Other parts know what names stand for: here every name is taken as one, so that it can be looked up. */
const takeAtItsWord: Find = async (kind, words) => [
  { id: words, label: words, nearness: kind === 'phone number' ? 1 : 0.8 },
]

/** Says what a sentence means. Nothing is looked up in other parts, and nothing is run. */
export const interpretCommand = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'vault'>,
  { text, conversationId = null }: { text: string; conversationId?: string | null | undefined },
): Promise<InterpretationRow> => {
  const { orgId, principal, vault } = ctx
  const isRefused = conversationId !== null && (!isId(conversationId) || !vault)
  const before =
    isRefused || !vault ? undefined : await recall({ ...ctx, vault }, orgId, principal, conversationId)
  if (conversationId !== null && !before) return interpretationOf(null, null)
  const meaning = await catalogueInterpreter().interpret({
    text,
    now: ctx.clock.now(),
    timeZone: before?.timeZone ?? 'UTC',
    turns: before?.turns ?? [],
    find: takeAtItsWord,
  })
  return interpretationOf(meaning, conversationId)
}
