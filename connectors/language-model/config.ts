import { allOrNone, type Reader, secret, text, url } from '#kernel/config.ts'

/** The language model; undefined: there is none. */
export const languageModel = allOrNone({
  url: url('MODEL_URL'),
  key: secret('MODEL_KEY'),
  name: text('MODEL_NAME'),
})
export type LanguageModelConfig = NonNullable<typeof languageModel extends Reader<infer T> ? T : never>
