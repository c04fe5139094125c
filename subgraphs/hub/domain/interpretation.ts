import type { Meaning } from '#chat/contract.ts'

export interface InterpretationRow {
  kind: 'OPERATION' | 'QUESTION' | 'REFUSAL'
  sentence: string
  operation: string | null
  document: string | null
  variables: string | null
  isChange: boolean
  confidence: number
  slots: { variable: string; kind: string; words: string }[]
  choices: { label: string; operation: string | null }[]
  conversationId: string | null
}

const NO_CONVERSATION =
  'There is no such conversation of yours. Leave it out, or look at `conversations` for those there are.'

/** What a sentence means, as the graph shows it. Null: the conversation that it belongs to is not there. */
export const interpretationOf = (
  meaning: Meaning | null,
  conversationId: string | null,
): InterpretationRow => {
  const nothing = {
    operation: null,
    document: null,
    variables: null,
    isChange: false,
    slots: [],
    conversationId,
  }
  if (!meaning) return { ...nothing, kind: 'REFUSAL', sentence: NO_CONVERSATION, confidence: 0, choices: [] }
  if (meaning.kind !== 'OPERATION') {
    const { kind, sentence, confidence } = meaning
    const choices = meaning.choices.map(({ label, operation }) => ({ label, operation: operation ?? null }))
    return { ...nothing, kind, sentence, confidence, choices }
  }
  const { intent, variables, subjects, confidence } = meaning
  return {
    kind: 'OPERATION',
    sentence: intent.description,
    operation: intent.name,
    document: intent.document,
    variables: JSON.stringify(variables),
    isChange: intent.isChange,
    confidence,
    slots: subjects.flatMap(({ kind, id }) =>
      intent.places
        .filter(({ slot }) => slot === kind)
        .slice(0, 1)
        .map(({ path }) => ({ variable: path, kind, words: id })),
    ),
    choices: [],
    conversationId,
  }
}
