import { oneOf, type Reader } from '#kernel/config.ts'

/** Whether the language model helps with sentences that the chat does not understand, and whether it is told the names in them. */
const CHAT_MODEL = ['off', 'without-names', 'with-names'] as const

/** @see CHAT_MODEL */
export const chatModel: Reader<(typeof CHAT_MODEL)[number]> = (env, faults) => {
  const said = oneOf('CHAT_MODEL', CHAT_MODEL, 'off')(env, faults)
  if (said !== 'off' && !env.MODEL_URL)
    faults.push({
      variable: 'CHAT_MODEL',
      problem: `is ${said}, while no language model is named`,
      fix: 'Set MODEL_URL, MODEL_KEY and MODEL_NAME too, or CHAT_MODEL to off',
    })
  return said
}
