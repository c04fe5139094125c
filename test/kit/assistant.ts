/** An assistant as they are: the SDK's own client over real HTTP. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { ShownPlan } from '#gateway/planning.ts'

/** What a tool answers. */
export interface ToolAnswer {
  isError: boolean
  // biome-ignore lint/suspicious/noExplicitAny: the test knows what it asked for
  data?: any
  error?: { code: string; message: string; plan?: ShownPlan; [more: string]: unknown }
  errors?: { message: string; extensions: { code: string } }[]
  plan?: ShownPlan
  done?: ShownPlan
  operations?: { name: string; inputSchema: { properties: object } }[]
}

export interface Assistant extends AsyncDisposable {
  client: Client
  /** Calls a tool. What it answers as text is what it answers for programs. */
  use(name: string, args?: Record<string, unknown>): Promise<ToolAnswer>
}

/** Connects to the gateway at `url`. @param fetch by which requests go out, in place of the ordinary one */
export const assistantAt = async (
  url: string,
  token: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<Assistant> => {
  const client = new Client({ name: 'test', version: '1' })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit, fetch })
  await client.connect(transport as Parameters<Client['connect']>[0])
  return {
    client,
    use: async (name, args = {}) => {
      const { structuredContent, content, isError } = (await client.callTool({
        name,
        arguments: args,
      })) as CallToolResult
      const [text] = content
      if (text?.type !== 'text' || text.text !== JSON.stringify(structuredContent))
        throw new Error('the text says something else')
      return { ...structuredContent, isError: isError === true }
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}
