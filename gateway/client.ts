import { define } from '#kernel/errors.ts'

export const HubSaidNo = define('HUB_SAID_NO', {
  status: 502,
  retry: 'later',
  says: 'The hub said: {reason}',
})

/** Asks a running hub by the name of an operation of the catalogue, as any client would. */
export interface HubClient {
  /** @throws HUB_SAID_NO with the hub's own sentence; HUB_SAID_NO when nobody answers */
  run<T>(operationName: string, variables?: Record<string, unknown>): Promise<T>
}

/**
 * Opens a client of a hub.
 * @param options.token asked for before each request, so that it may be renewed
 */
export const openClient = (options: { url: string; token(): Promise<string> }): HubClient => ({
  run: async <T>(operationName: string, variables: Record<string, unknown> = {}) => {
    const response = await fetch(`${options.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await options.token()}` },
      body: JSON.stringify({ operationName, variables }),
    }).catch((cause: unknown) => {
      throw HubSaidNo.with({ reason: `nothing at ${options.url}; is it running?` }, { cause })
    })
    const { data, errors } = (await response.json()) as { data?: T; errors?: { message: string }[] }
    if (errors?.[0] || !data)
      throw HubSaidNo.with({ reason: errors?.[0]?.message ?? `status ${response.status}` })
    return data
  },
})
