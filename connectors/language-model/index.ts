/** A language model on any server that speaks OpenAI’s protocol for chats, over the package `ai`, which is loaded where a model is named. */
import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import { VendorAnswer, VendorUnavailable } from '../contract.ts'
import { exchange } from '../http.ts'
import { reachNamed } from '../outside.ts'
import type { Resolve } from '../reach.ts'
import { judgeStatus } from '../statuses.ts'

const VENDOR = 'The language model'
/** A thousand words are far below it. */
const MAX_BYTES = 256 * 1024
/** Of what it may write. */
const MOST_TOKENS = 1200

export interface LanguageModel {
  /** As its server calls it. */
  name: string
  /**
   * Has it write.
   * @param instructions what it is to do; what it is to do it with is `text`
   * @throws an error of `contract.ts`; the signal's reason when it aborts
   */
  write(
    instructions: string,
    text: string,
    limits: { deadlineMs: number; signal?: AbortSignal },
  ): Promise<string>
}

/** Where a model is: its server's address up to and with `/v1`, the key, and what the server calls it. */
export interface LanguageModelConfig {
  url: string
  key: string
  name: string
  /** Whether its name may lead into the network that the hub stands in. */
  isInside?: boolean
  /** How names are looked up. Default: as the machine does. */
  resolve?: Resolve
}

/** Opens a way to a model. Nothing is connected before it is asked. */
export const openLanguageModel = ({
  url,
  key,
  name,
  clock,
  ...place
}: LanguageModelConfig & { clock: Clock }): LanguageModel => {
  const reach = reachNamed(VENDOR, { url, ...place })
  // Early, so that nobody's two seconds are spent on it.
  const packages = Promise.all([import('ai'), import('@ai-sdk/openai-compatible')])
  packages.catch(() => undefined)
  return {
    name,
    write: async (instructions, text, limits) => {
      const [{ generateText }, { createOpenAICompatible }] = await packages
      // All calls to vendors go out by one way, which bounds time and size, follows no redirect and refuses to be planned.
      const send = async (
        input: unknown,
        init: { headers?: unknown; body?: unknown } = {},
      ): Promise<Response> => {
        const headers = Object.fromEntries(new Headers(init.headers as Record<string, string>))
        const call = { method: 'POST' as const, url: String(input), headers, body: String(init.body) }
        const answer = await exchange(VENDOR, call, { ...limits, maxBytes: MAX_BYTES, reach })
        judgeStatus(VENDOR, answer, clock.now())
        return new Response(answer.text, { headers: { 'content-type': 'application/json' } })
      }
      const server = createOpenAICompatible({
        name: 'model',
        baseURL: url,
        apiKey: key,
        fetch: send as typeof fetch,
      })
      try {
        const written = await generateText({
          ...{ model: server(name), instructions, prompt: text },
          ...{ maxRetries: 0, temperature: 0, maxOutputTokens: MOST_TOKENS },
        })
        return written.text
      } catch (error) {
        limits.signal?.throwIfAborted()
        if (isHubError(error)) throw error
        throw VendorUnavailable.with(
          { vendor: VENDOR },
          { cause: new VendorAnswer('unusable answer', { status: 200, category: 'UNUSABLE', cause: error }) },
        )
      }
    },
  }
}
